import { randomStream, type RandomStream } from '@atelier/data';
import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';

/** The rank of a dense kernel [in, out] and of a convolution kernel [height, width, in, out]. */
const KERNEL_RANKS = [2, 4];

/**
 * Glorot uniform, as Keras: uniform in (-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)), where a fan is the
 * channels times the receptive field (Glorot & Bengio 2010).
 */
export function glorotUniform(shape: readonly number[], random: RandomStream): Float32Array {
  const field = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  const fans = field * (shape.at(-2)! + shape.at(-1)!);
  const limit = Math.sqrt(6 / fans);
  const size = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length: size }, () => (random.uniform() * 2 - 1) * limit);
}

/** Draws every kernel anew from (seed, layer name); biases and norms keep their constants. */
export function drawWeights(model: { readonly layers: layers.Layer[] }, seed: number): void {
  for (const layer of model.layers) {
    const [kernel, ...others] = layer.getWeights();
    if (kernel === undefined || !KERNEL_RANKS.includes(kernel.rank)) continue;
    const values = glorotUniform(kernel.shape, randomStream(seed, 'weights', layer.name));
    tf.tidy(() => layer.setWeights([tf.tensor(values, kernel.shape), ...others]));
  }
}
