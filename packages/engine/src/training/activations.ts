import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';
import { SMOOTH_ACTIVATION, SMOOTH_ACTIVATION_GRAD, type SmoothActivation } from './kernels.ts';
import { isNative, runNative } from './native.ts';

const COMPOSED: Readonly<Record<SmoothActivation, (x: tf.Tensor) => tf.Tensor>> = {
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  hardSwish: (x) => tf.mul(tf.mul(x, 1 / 6), tf.clipByValue(tf.add(x, 3), 0, 6)),
};

/** An activation, and its gradient, of TensorFlow.js ops. */
export function composedActivation<T extends tf.Tensor>(x: T, kind: SmoothActivation): T {
  return tf.tidy(() => COMPOSED[kind](x)) as T;
}

function activation<T extends tf.Tensor>(x: T, kind: SmoothActivation): T {
  if (!isNative(SMOOTH_ACTIVATION)) return composedActivation(x, kind);
  return differentiable<T>({
    inputs: { x },
    forward(save) {
      save([x]);
      return runNative<T>(SMOOTH_ACTIVATION, { x }, { kind });
    },
    gradients: (dy, [x]) => ({ x: () => runNative(SMOOTH_ACTIVATION_GRAD, { x: x!, dy }, { kind }) }),
  });
}

/** x sigmoid(x), also called swish. Hendrycks and Gimpel 2016; Ramachandran, Zoph and Le 2017. */
export function silu<T extends tf.Tensor>(x: T): T {
  return activation(x, 'silu');
}

/** x Phi(x), Phi the normal distribution. Hendrycks and Gimpel 2016. */
export function gelu<T extends tf.Tensor>(x: T): T {
  return activation(x, 'gelu');
}

/** x clip(x + 3, 0, 6) / 6. Howard and others 2019. */
export function hardSwish<T extends tf.Tensor>(x: T): T {
  return activation(x, 'hardSwish');
}
