import * as tf from '@tensorflow/tfjs-core';

/** Keeps the division from zero; PyTorch's. */
const EPSILON = 1e-6;

/** Gradients scaled so that their norm over all of them is at most `most` (Pascanu et al. 2013). */
export function clipped(gradients: readonly tf.Tensor[], most: number): tf.Tensor[] {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  const scale = tf.minimum(tf.div(most, tf.add(norm, EPSILON)), 1);
  return gradients.map((gradient) => tf.mul(gradient, scale));
}
