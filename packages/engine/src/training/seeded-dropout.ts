import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';
import { dropInto } from './in-place.ts';
import { SEEDED_DROPOUT } from './kernels.ts';
import { isNative, runNative } from './native.ts';

/**
 * Inverted dropout whose mask depends on the key and the element's place alone: the same bits on every engine, and again in
 * the gradient. kernels.ts says which.
 * @param key int32 [2]
 * @param rate share of the elements set to 0, in [0, 1)
 */
export function seededDropout<T extends tf.Tensor>(x: T, key: tf.Tensor, rate: number): T {
  tf.util.assert(rate >= 0 && rate < 1, () => `seededDropout: rate must be in [0, 1), got ${rate}.`);
  tf.util.assert(
    key.dtype === 'int32' && key.size === 2,
    () => `seededDropout: key must be int32 [2], got ${key.dtype} [${key.shape}].`,
  );
  return isNative(SEEDED_DROPOUT) ? native(x, key, rate) : composedSeededDropout(x, key, rate);
}

function native<T extends tf.Tensor>(x: T, key: tf.Tensor, rate: number): T {
  const drop = (values: tf.Tensor, by: tf.Tensor): tf.Tensor =>
    runNative(SEEDED_DROPOUT, { x: values, key: by }, { rate });
  return differentiable<T>({
    inputs: { x },
    forward(save) {
      save([key]);
      return drop(x, key) as T;
    },
    gradients: (dy, [by]) => ({ x: () => drop(dy, by!) }),
  });
}

/** The same as a product with the mask, which is drawn in JavaScript. */
export function composedSeededDropout<T extends tf.Tensor>(x: T, key: tf.Tensor, rate: number): T {
  const mask = new Float32Array(x.size).fill(1);
  dropInto(mask, mask, key.dataSync() as Int32Array, rate);
  return tf.mul(x, tf.tensor(mask, x.shape));
}
