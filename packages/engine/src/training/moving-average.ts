import * as tf from '@tensorflow/tfjs-core';
import { MOVING_AVERAGE_UPDATE } from './kernels.ts';
import { isNative, runNative } from './native.ts';

/**
 * moving += (value * correction - moving) * (1 - momentum), in place where the engine can: the variable's memory must
 * then be its own (see `ownMemory`).
 * @param correction count / (count - 1) turns a biased variance into an unbiased one
 */
export function updateMovingAverage(
  moving: tf.Variable,
  value: tf.Tensor,
  momentum: number,
  correction = 1,
): void {
  tf.util.assertShapesMatch(moving.shape, value.shape, 'updateMovingAverage: ');
  if (isNative(MOVING_AVERAGE_UPDATE)) {
    runNative<tf.Tensor>(MOVING_AVERAGE_UPDATE, { moving, value }, { momentum, correction }).dispose();
    return;
  }
  tf.tidy(() => {
    const target = correction === 1 ? value : tf.mul(value, correction);
    moving.assign(tf.add(moving, tf.mul(tf.sub(target, moving), 1 - momentum)));
  });
}

/**
 * Gives every variable memory that no other tensor and no array of the caller shares, so that it can be changed in place.
 * Call it once before training.
 */
export function ownMemory(variables: readonly tf.Variable[]): void {
  for (const variable of variables) {
    const copy = tf.tensor(variable.dataSync().slice(), variable.shape, variable.dtype);
    variable.assign(copy);
    copy.dispose();
  }
}
