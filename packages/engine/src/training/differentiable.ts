import * as tf from '@tensorflow/tfjs-core';

/** An operation with its own gradient. */
export interface Differentiable<Y extends tf.Tensor> {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  /** Computes the output, and saves what the gradient needs. */
  forward(save: (tensors: tf.Tensor[]) => void): Y;
  /** One gradient per input, each computed only where it is asked for. */
  gradients(dy: Y, saved: readonly tf.Tensor[]): Gradients;
}

type Gradients = Readonly<Record<string, () => tf.Tensor>>;

/** What `tf.customGrad` is made of; TensorFlow.js keeps it private. */
interface Recorder {
  runKernelFunc<Y extends tf.Tensor>(call: {
    inputs: Readonly<Record<string, tf.Tensor>>;
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => Y;
    backwardsFunc: (dy: Y, saved: readonly tf.Tensor[]) => Gradients;
  }): Y;
}

/** Runs an operation and records its gradient: `tf.customGrad`, but gradients that nobody asks for are not computed. */
export function differentiable<Y extends tf.Tensor>(operation: Differentiable<Y>): Y {
  return (tf.engine() as unknown as Recorder).runKernelFunc<Y>({
    inputs: operation.inputs,
    forwardFunc: (_, save) => operation.forward(save),
    backwardsFunc: (dy, saved) => operation.gradients(dy, saved),
  });
}
