import * as tf from '@tensorflow/tfjs-core';

/** Whether the active backend has a kernel of this name. */
export function isNative(kernel: string): boolean {
  return Boolean(tf.getKernel(kernel, tf.getBackend()));
}

/** Runs a kernel of the active backend. */
export function runNative<T>(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object = {},
): T {
  return tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as T;
}
