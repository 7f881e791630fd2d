import { randomStream, type RandomStream } from '@atelier/data';
import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';

/** What a layer's config says of how its kernel is drawn. */
type Initializer =
  | {
      readonly className: 'VarianceScaling';
      readonly config: {
        readonly scale: number;
        readonly mode: 'fanIn' | 'fanOut' | 'fanAvg';
        readonly distribution: 'uniform' | 'normal' | 'truncatedNormal';
      };
    }
  | {
      readonly className: 'TruncatedNormal';
      readonly config: { readonly mean: number; readonly stddev: number };
    };

/** Standard deviation of a standard normal cut off at +-2, as Keras corrects it for. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/**
 * Inputs and outputs of a kernel's units: [in, out] of a dense layer, [height, width, in, out] of a convolution, [height, width, in,
 * multiplier] of a depthwise one, where a unit sees one channel.
 */
function fansOf(shape: readonly number[], depthwise: boolean): { fanIn: number; fanOut: number } {
  const field = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  const [inputs, outputs] = [shape.at(-2)!, shape.at(-1)!];
  return depthwise
    ? { fanIn: field, fanOut: field * outputs }
    : { fanIn: field * inputs, fanOut: field * outputs };
}

/** A standard normal by Box and Muller, drawn again outside +-2. */
function truncatedNormal(random: RandomStream): number {
  for (;;) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const value = radius * Math.cos(2 * Math.PI * random.uniform());
    if (Math.abs(value) <= 2) return value;
  }
}

/**
 * A kernel as its layer's initializer says, as Keras draws it: Glorot uniform (Glorot and Bengio 2010), He normal (He et al. 2015),
 * LeCun, all with variance scale / fan, or a truncated normal.
 */
export function drawKernel(
  shape: readonly number[],
  { className, config }: Initializer,
  random: RandomStream,
  depthwise = false,
): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  const draw = (next: () => number): Float32Array => Float32Array.from({ length: size }, next);
  if (className !== 'VarianceScaling')
    return draw(() => config.mean + config.stddev * truncatedNormal(random));
  const { fanIn, fanOut } = fansOf(shape, depthwise);
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[config.mode];
  if (config.distribution === 'uniform') {
    const limit = Math.sqrt((3 * config.scale) / fan);
    return draw(() => (random.uniform() * 2 - 1) * limit);
  }
  const deviation = Math.sqrt(config.scale / fan) / TRUNCATED_DEVIATION;
  return draw(() => deviation * truncatedNormal(random));
}

/** The rank of a dense kernel and of a convolution's. */
const KERNEL_RANKS = [2, 4];

/** Draws every kernel anew from (seed, layer name), as its layer says; biases and norms keep their constants. */
export function drawWeights(model: { readonly layers: layers.Layer[] }, seed: number): void {
  for (const layer of model.layers) {
    const [kernel, ...others] = layer.getWeights();
    if (kernel === undefined || !KERNEL_RANKS.includes(kernel.rank)) continue;
    const depthwise = layer.getClassName() === 'DepthwiseConv2D';
    const initializer = layer.getConfig()[depthwise ? 'depthwiseInitializer' : 'kernelInitializer'];
    const random = randomStream(seed, 'weights', layer.name);
    const values = drawKernel(kernel.shape, initializer as unknown as Initializer, random, depthwise);
    tf.tidy(() => layer.setWeights([tf.tensor(values, kernel.shape), ...others]));
  }
}
