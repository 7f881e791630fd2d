import type { NormBlockPool } from '@atelier/engine';
import type * as tf from '@tensorflow/tfjs-core';
import type { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';

/** What the training forward pass reads of standard layers' settings. */

type Layer = layers.Layer;
type Config = Readonly<Record<string, unknown>>;
type Pair = readonly [number, number];

/** The tensor behind a layer's i-th weight, which TensorFlow.js keeps private. */
export function weightOf(layer: Layer, index: number): tf.Variable {
  return layer.weights[index]!.read() as tf.Variable;
}

function rankOf(tensor: SymbolicTensor): number {
  return tensor.shape.length;
}

/** `linear`, `relu`, or undefined for what is neither. */
function simpleActivation(config: Config): 'linear' | 'relu' | undefined {
  const { activation } = config;
  return activation === 'linear' || activation === 'relu' ? activation : undefined;
}

/** Conv2D and Dense as a product: kernel, then bias, then perhaps ReLU. */
export interface ProductFacts {
  readonly layer: Layer;
  readonly bias: boolean;
  readonly relu: boolean;
  /** Of a convolution. */
  readonly geometry?: { readonly strides: Pair; readonly pad: 'valid' | 'same' };
}

/** Of a Conv2D (channels last, not dilated) or a Dense (rank 2) whose activation is linear or ReLU. */
export function productFacts(layer: Layer, input: SymbolicTensor): ProductFacts | undefined {
  const config: Config = layer.getConfig();
  const activation = simpleActivation(config);
  if (activation === undefined) return undefined;
  const facts = { layer, bias: config['useBias'] !== false, relu: activation === 'relu' };
  if (layer.getClassName() === 'Dense') return rankOf(input) === 2 ? facts : undefined;
  if (layer.getClassName() !== 'Conv2D') return undefined;
  const [strides, dilations] = [config['strides'] as Pair, config['dilationRate'] as Pair | number | null];
  const pad = config['padding'];
  const plain =
    [dilations ?? 1].flat().every((rate) => rate === 1) && config['dataFormat'] !== 'channelsFirst';
  if (!plain || (pad !== 'same' && pad !== 'valid')) return undefined;
  return { ...facts, geometry: { strides, pad } };
}

/** Of max pooling, channels last. */
export function poolFacts(layer: Layer): NormBlockPool | undefined {
  if (layer.getClassName() !== 'MaxPooling2D') return undefined;
  const config: Config = layer.getConfig();
  const pad = config['padding'];
  if (config['dataFormat'] === 'channelsFirst' || (pad !== 'same' && pad !== 'valid')) return undefined;
  return { filterSize: config['poolSize'] as Pair, strides: config['strides'] as Pair, pad };
}

/** Of batch normalisation over the last axis. */
export interface NormFacts {
  readonly layer: Layer;
  readonly epsilon: number;
  readonly momentum: number;
  readonly scale: boolean;
  readonly center: boolean;
}

export function normFacts(layer: Layer, input: SymbolicTensor): NormFacts | undefined {
  if (layer.getClassName() !== 'BatchNormalization') return undefined;
  const config: Config = layer.getConfig();
  const axis = config['axis'] as number;
  if (axis !== -1 && axis !== rankOf(input) - 1) return undefined;
  return {
    layer,
    epsilon: config['epsilon'] as number,
    momentum: config['momentum'] as number,
    scale: config['scale'] !== false,
    center: config['center'] !== false,
  };
}

/** Whether a layer is ReLU and nothing else. */
export function isRelu(layer: Layer): boolean {
  const config: Config = layer.getConfig();
  if (layer.getClassName() === 'Activation') return config['activation'] === 'relu';
  return layer.getClassName() === 'ReLU' && (config['maxValue'] ?? null) === null;
}

/** Of a dropout of single elements, or of whole images (noise shape [null, 1, ..., 1]). */
export interface DropoutFacts {
  readonly rate: number;
  readonly perImage: boolean;
}

export function dropoutFacts(layer: Layer): DropoutFacts | undefined {
  if (layer.getClassName() !== 'Dropout') return undefined;
  const config: Config = layer.getConfig();
  const rate = config['rate'] as number;
  const noise = (config['noiseShape'] ?? null) as readonly (number | null)[] | null;
  if (noise === null) return { rate, perImage: false };
  return noise[0] === null && noise.slice(1).every((side) => side === 1)
    ? { rate, perImage: true }
    : undefined;
}
