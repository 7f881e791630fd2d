import * as tf from '@tensorflow/tfjs-core';
import { overrideGradient, reluGradient, tileGradient } from '../gradient-override.ts';
import { SOFTMAX_GRAD } from '../training/kernels.ts';
import { runNative } from '../training/native.ts';
import { BACKEND } from './kernel.ts';

type Gradient = (dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap) => tf.Tensor;

/** A reduction's gradient: each result's goes to all that it was made of. */
function repeated(dy: tf.Tensor, x: tf.Tensor, attrs: tf.NamedAttrMap): tf.Tensor {
  const axes = tf.util.parseAxisParam(attrs['axis'] as number | number[], x.shape);
  const kept = x.shape.map((size, d) => (axes.includes(d) ? 1 : size));
  const reps = x.shape.map((size, d) => (axes.includes(d) ? size : 1));
  return tf.tile(tf.reshape(dy, kept), reps);
}

function ofFloats(kernel: string, gradient: Gradient): void {
  overrideGradient(BACKEND, kernel, (dy, saved, attrs) => {
    const [x] = saved as [tf.Tensor];
    if (x.dtype !== 'float32' || x.size === 0) return undefined;
    return { x: () => gradient(dy as tf.Tensor, x, attrs) };
  });
}

/**
 * Batch normalisation by given statistics, per channel: dx = dy f with f = scale / sqrt(variance + epsilon), and what the sums
 * of dy and of dy (x - mean) say about the rest.
 */
function batchNormGradient(dy: tf.Tensor, saved: readonly tf.Tensor[], epsilon: number) {
  const [x, mean, variance, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const channels = x.shape.at(-1)!;
  if ([mean, variance, scale].some((each) => each.rank !== 1 || each.size !== channels)) return undefined;
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const factor = tf.mul(scale, inverse);
  const sum = (): tf.Tensor => tf.sum(dy, axes);
  const dot = (): tf.Tensor => tf.sum(tf.mul(dy, tf.sub(x, mean)), axes);
  return {
    x: () => tf.mul(dy, factor),
    mean: () => tf.neg(tf.mul(factor, sum())),
    variance: () => tf.mul(tf.mul(tf.mul(factor, tf.square(inverse)), dot()), -0.5),
    scale: () => tf.mul(dot(), inverse),
    offset: sum,
  };
}

let installed = false;

/** Gradients that TensorFlow.js composes of many passes, in one or few. */
export function installOnednnGradients(): void {
  if (installed) return;
  installed = true;
  overrideGradient(BACKEND, 'Relu', reluGradient);
  overrideGradient(BACKEND, 'Tile', tileGradient);
  ofFloats('Sum', repeated);
  ofFloats('Mean', (dy, x, attrs) => repeated(tf.mul(dy, dy.size / x.size), x, attrs));
  overrideGradient(BACKEND, 'Softmax', (dy, saved, attrs) => {
    const [y] = saved as [tf.Tensor];
    const dim = attrs['dim'] as number;
    if (y.rank === 0 || (dim !== -1 && dim !== y.rank - 1)) return undefined;
    return { logits: () => runNative<tf.Tensor>(SOFTMAX_GRAD, { y, dy: dy as tf.Tensor }) };
  });
  overrideGradient(BACKEND, 'FusedBatchNorm', (dy, saved, attrs) =>
    batchNormGradient(dy as tf.Tensor, saved, attrs['varianceEpsilon'] as number),
  );
}
