import * as tf from '@tensorflow/tfjs-core';
import { OPTIMIZER_UPDATE, type OptimizerUpdateAttrs } from './kernels.ts';
import { isNative, runNative } from './native.ts';

/**
 * How far an exponential moving average moves at a step so that it is free of bias from its first step on: it is then
 * sum_i momentum^(t-i) x_i / sum_i momentum^(t-i), whatever it was initialised with. Adam's correction (Kingma and Ba 2015)
 * as a rate: (1 - momentum) / (1 - momentum^step), which falls from 1 to 1 - momentum.
 * @param momentum how much of the old value is kept in the long run, in [0, 1]
 * @param step counted from 1
 */
export function averagingRate(momentum: number, step: number): number {
  return momentum === 1 ? 0 : (1 - momentum) / (1 - momentum ** step);
}

/** A rate as `moveTowards` takes it. */
export function rateValues(rate: number): Float32Array {
  return Float32Array.of(rate, 1, 1, 0);
}

/** What moves towards a target by a rate is gradient descent on half the squared distance. */
const DESCENT: Omit<OptimizerUpdateAttrs, 'count'> = {
  ...{ kind: 'sgd', momentum: 0, nesterov: false, beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0 },
};

/**
 * variable += (target - variable) * rate, for every pair, in place where the engine can: the variables' memory must then be
 * their own (see `ownMemory`). fp32 in every precision.
 * @param rate [4], from `rateValues`: a tensor, so that a captured step can take it as an input
 */
export function moveTowards(
  variables: readonly tf.Variable[],
  targets: readonly tf.Tensor[],
  rate: tf.Tensor,
): void {
  variables.forEach(({ shape }, i) => tf.util.assertShapesMatch(shape, targets[i]!.shape, 'moveTowards: '));
  tf.tidy(() => {
    if (!isNative(OPTIMIZER_UPDATE)) {
      const part = tf.reshape(tf.slice(rate, 0, 1), []);
      variables.forEach((moving, i) =>
        moving.assign(tf.add(moving, tf.mul(tf.sub(targets[i]!, moving), part))),
      );
      return;
    }
    const inputs: Record<string, tf.Tensor> = { hyper: rate };
    variables.forEach((moving, i) => {
      inputs[`p${i}`] = moving;
      inputs[`g${i}`] = tf.sub(moving, targets[i]!);
    });
    runNative<tf.Tensor>(OPTIMIZER_UPDATE, inputs, { ...DESCENT, count: variables.length }).dispose();
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
