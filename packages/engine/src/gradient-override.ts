import * as tf from '@tensorflow/tfjs-core';

type Gradients = ReturnType<tf.GradFunc>;

/**
 * Replaces the gradient of a kernel on one backend, for the cases that `gradient` knows: it answers undefined for the
 * others. TensorFlow.js registers gradients for all backends at once, so the other backends are handed to the gradient
 * that was there, too.
 */
export function overrideGradient(
  backend: string,
  kernel: string,
  gradient: (...call: Parameters<tf.GradFunc>) => Gradients | undefined,
): void {
  const before = tf.getGradient(kernel);
  const gradFunc: tf.GradFunc = (dy, saved, attrs) =>
    (tf.getBackend() === backend ? gradient(dy, saved, attrs) : undefined) ??
    before.gradFunc(dy, saved, attrs);
  tf.registerGradient({ ...before, gradFunc });
}

/** The gradient of ReLU as one pass of the backend's own `ReluGradient` kernel, instead of a step, a cast and a product. */
export const reluGradient: tf.GradFunc = (dy, saved) => {
  const [x] = saved as [tf.Tensor];
  return { x: () => tf.engine().runKernel('ReluGradient', { x, dy: dy as tf.Tensor }) as tf.Tensor };
};
