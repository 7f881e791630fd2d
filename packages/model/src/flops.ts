import type { layers } from '@tensorflow/tfjs-layers';

type Shape = readonly (number | null)[];

const product = (shape: Shape): number => shape.reduce<number>((size, side) => size * (side ?? 1), 1);

/** Every element of the kernel is used once at every place of the output; padding counts as pixels. */
function convolution(layer: layers.Layer): number {
  const [, height, width] = layer.outputShape as Shape;
  return product(layer.weights[0]!.shape) * product([height!, width!]);
}

function dense(layer: layers.Layer): number {
  return product(layer.weights[0]!.shape) * product((layer.outputShape as Shape).slice(1, -1));
}

/** Of a product of two tensors: every output element sums over the common axis. */
function dot(layer: layers.Layer): number {
  const { axes } = layer.getConfig() as { axes: number | number[] };
  const [first] = [layer.input].flat();
  const axis = [axes].flat()[0]!;
  return product((layer.outputShape as Shape).slice(1)) * first!.shape.at(axis)!;
}

/** Multiplications with their additions, by class of layer, for one image. */
const PRODUCTS: Readonly<Record<string, (layer: layers.Layer) => number>> = {
  Conv2D: convolution,
  DepthwiseConv2D: convolution,
  Dense: dense,
  Dot: dot,
};

/**
 * Floating-point operations of a layer's forward pass for one image: two for each multiplication with its addition, in
 * convolutions, dense layers and products of tensors. Everything else (norms, activations, pooling, biases) is not
 * counted, as in the figures that papers give. A training step costs about three times the forward pass.
 */
export function layerFlops(layer: layers.Layer): number {
  return 2 * (PRODUCTS[layer.getClassName()]?.(layer) ?? 0);
}
