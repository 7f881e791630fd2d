import * as tf from '@tensorflow/tfjs-core';

type Gradients = ReturnType<tf.GradFunc>;
type Override = (...call: Parameters<tf.GradFunc>) => Gradients | undefined;

/** Overrides by kernel, then by backend. */
const overrides = new Map<string, Map<string, Override>>();

/** A gradient that asks the active backend's override first. */
function withOverrides(config: tf.GradConfig): tf.GradConfig {
  const known = overrides.get(config.kernelName);
  if (!known) return config;
  const gradFunc: tf.GradFunc = (dy, saved, attrs) =>
    known.get(tf.getBackend())?.(dy, saved, attrs) ?? config.gradFunc(dy, saved, attrs);
  return { ...config, gradFunc };
}

type Registry = Map<string, tf.GradConfig>;
let guarded: Registry | undefined;

/**
 * Gradients that are registered later (`import '@tensorflow/tfjs'` registers all of them again) must not undo overrides.
 * TensorFlow.js keeps them in a map that every copy of it in the process shares.
 */
function guardRegistry(): void {
  const globals = (globalThis as { _tfGlobals?: Map<string, unknown> })._tfGlobals;
  const registry = globals?.get('gradRegistry') as Registry | undefined;
  if (registry === undefined || registry === guarded) return;
  guarded = registry;
  const set = registry.set.bind(registry);
  registry.set = (kernel, config) => set(kernel, withOverrides(config));
}

/**
 * Replaces the gradient of a kernel on one backend, for the cases that `gradient` knows: it answers undefined for the
 * others. TensorFlow.js registers gradients for all backends at once, so the other backends are handed to the gradient
 * that was there, too, or is registered later.
 */
export function overrideGradient(backend: string, kernel: string, gradient: Override): void {
  guardRegistry();
  const known = overrides.get(kernel);
  if (known) {
    known.set(backend, gradient);
    return;
  }
  const before = tf.getGradient(kernel);
  overrides.set(kernel, new Map([[backend, gradient]]));
  // where the registry is not guarded, this copy of TensorFlow.js has the override at least
  tf.registerGradient(guarded ? before : withOverrides(before));
}

/** The gradient of ReLU as one pass of the backend's own `ReluGradient` kernel, instead of a step, a cast and a product. */
export const reluGradient: tf.GradFunc = (dy, saved) => {
  const [x] = saved as [tf.Tensor];
  return { x: () => tf.engine().runKernel('ReluGradient', { x, dy: dy as tf.Tensor }) as tf.Tensor };
};

/** A sum over the repetitions, where TensorFlow.js adds up one slice for each. */
export const tileGradient: tf.GradFunc = (dy, saved, attrs) => {
  const [x] = saved as [tf.Tensor];
  const reps = attrs['reps'] as number[];
  const split: number[] = [];
  const axes: number[] = [];
  x.shape.forEach((size, d) => {
    if (reps[d]! > 1) axes.push(split.push(reps[d]!) - 1);
    split.push(size);
  });
  return { x: () => tf.reshape(tf.sum(tf.reshape(dy as tf.Tensor, split), axes), x.shape) };
};
