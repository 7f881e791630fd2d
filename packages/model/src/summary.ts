import type { layers } from '@tensorflow/tfjs-layers';
import { layerFlops } from './flops.ts';

/** One line of the layer table. */
export interface LayerSummary {
  readonly name: string;
  /** As in the saved model: `Conv2D`, `BatchNormalization`, ... */
  readonly type: string;
  /** Without the batch dimension. */
  readonly outputShape: readonly number[];
  readonly params: number;
  /** Of the forward pass of one image; flops.ts says what counts. */
  readonly flops: number;
  readonly trainable: boolean;
}

export interface ModelSummary {
  readonly layers: readonly LayerSummary[];
  readonly params: number;
  readonly trainableParams: number;
  /** Of the forward pass of one image. */
  readonly flops: number;
}

/** Anything made of layers. */
interface Layered {
  readonly layers: layers.Layer[];
}

function count(weights: readonly { readonly shape: readonly (number | null)[] }[]): number {
  return weights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((size, side) => size * (side ?? 1), 1),
    0,
  );
}

/** The layer table of a model, input layer left out. */
export function summarizeModel(model: Layered): ModelSummary {
  const built = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  return {
    layers: built.map((layer) => ({
      name: layer.name,
      type: layer.getClassName(),
      outputShape: (layer.outputShape as number[]).slice(1),
      params: count(layer.weights),
      flops: layerFlops(layer),
      trainable: layer.trainableWeights.length > 0,
    })),
    params: built.reduce((sum, layer) => sum + count(layer.weights), 0),
    trainableParams: built.reduce((sum, layer) => sum + count(layer.trainableWeights), 0),
    flops: built.reduce((sum, layer) => sum + layerFlops(layer), 0),
  };
}
