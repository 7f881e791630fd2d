import * as tf from '@tensorflow/tfjs-core';

/** What the statistics of a batch are handed to; they live only during the call. */
export type OnMoments = (mean: tf.Tensor, variance: tf.Tensor) => void;

function sumRows(x: tf.Tensor): tf.Tensor {
  return tf.sum(x, 0);
}

/**
 * Normalises `x` [..., channels] by the mean and the (biased) variance of each channel, then scales by `gamma` and
 * shifts by `beta`, each [channels].
 *
 * Gradient, with n rows a channel, c = x - mean and s = 1 / sqrt(variance + epsilon) (Ioffe & Szegedy 2015,
 * section 3): dbeta = sum dy; dgamma = s sum(dy c); dx = gamma s (dy - dbeta / n - c s dgamma / n).
 */
export function normalizeBatch(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
  onMoments: OnMoments,
): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const rows = x.size / channels;

  const normalize = tf.customGrad((...args: unknown[]) => {
    const [flat, scale, shift, save] = args as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const mean = tf.div(sumRows(flat), rows) as tf.Tensor1D;
    const variance = tf.div(sumRows(tf.square(tf.sub(flat, mean))), rows) as tf.Tensor1D;
    onMoments(mean, variance);
    save([flat, scale, mean, tf.rsqrt(tf.add(variance, epsilon))]);
    return {
      value: tf.batchNorm(flat, mean, variance, shift, scale, epsilon),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved, rows),
    };
  });
  return tf.tidy(() => tf.reshape(normalize(tf.reshape(x, [rows, channels]), gamma, beta), x.shape));
}

function gradient(dy: tf.Tensor, saved: tf.Tensor[], rows: number): tf.Tensor[] {
  const [x, gamma, mean, s] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const centred = tf.sub(x, mean);
  const dbeta = sumRows(dy);
  const dgamma = tf.mul(s, sumRows(tf.mul(dy, centred)));
  const slope = tf.mul(gamma, s);
  const perCentred = tf.div(tf.mul(tf.mul(slope, s), dgamma), rows);
  const constant = tf.div(tf.mul(slope, dbeta), rows);
  const dx = tf.sub(tf.sub(tf.mul(dy, slope), tf.mul(centred, perCentred)), constant);
  return [dx, dgamma, dbeta];
}
