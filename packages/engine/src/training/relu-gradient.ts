import * as tf from '@tensorflow/tfjs-core';
import { RELU_GRADIENT } from './kernels.ts';
import { isNative, runNative } from './native.ts';

/** dy where `x` (the input or the output of the ReLU) is positive, else 0: one pass where the engine has the kernel. */
export function reluGradientOf<T extends tf.Tensor>(x: T, dy: T): T {
  if (isNative(RELU_GRADIENT)) return runNative(RELU_GRADIENT, { x, dy });
  return tf.mul(dy, tf.step(x));
}
