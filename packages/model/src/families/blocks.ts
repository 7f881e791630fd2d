import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { BatchNorm } from '../batch-norm.ts';
import { SeededDropout } from '../dropout.ts';

/** Activations between layers, by the names of TensorFlow.js; `swish` is SiLU. */
export const ACTIVATIONS = ['relu', 'elu', 'selu', 'tanh', 'sigmoid', 'swish', 'gelu'] as const;
export type ActivationName = (typeof ACTIVATIONS)[number];

/** One layer applied. */
export function on(layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}

/** Of an image tensor: its last axis. */
export function channelsOf(x: SymbolicTensor): number {
  return x.shape.at(-1)!;
}

export interface ConvolutionArgs {
  /** Of the convolution; its normalisation is `${name}_norm`, its activation `${name}_${activation}`. */
  readonly name: string;
  readonly filters: number;
  readonly kernelSize?: number;
  readonly strides?: number;
  /** Of the normalisation's moving averages. */
  readonly momentum: number;
}

/** A convolution without bias, `same` padding, drawn as He et al. (2015) propose for rectifiers. */
export function convolution(x: SymbolicTensor, args: Omit<ConvolutionArgs, 'momentum'>): SymbolicTensor {
  const { name, filters, kernelSize = 3, strides = 1 } = args;
  const same = { padding: 'same', useBias: false, kernelInitializer: 'heNormal' } as const;
  return on(layers.conv2d({ name, filters, kernelSize, strides, ...same }), x);
}

export function norm(x: SymbolicTensor, name: string, momentum: number): SymbolicTensor {
  return on(new BatchNorm({ name, momentum }), x);
}

export function activation(x: SymbolicTensor, name: string, kind: ActivationName = 'relu'): SymbolicTensor {
  return on(layers.activation({ name: `${name}_${kind}`, activation: kind }), x);
}

/** Convolution, batch normalisation, and the activation where one is given. */
export function convNorm(x: SymbolicTensor, args: ConvolutionArgs, kind?: ActivationName): SymbolicTensor {
  const y = norm(convolution(x, args), `${args.name}_norm`, args.momentum);
  return kind === undefined ? y : activation(y, args.name, kind);
}

/**
 * Stochastic depth (Huang et al. 2016): the branch is left out for whole images at `rate` while training, then added to
 * `skip`. @param rate 0 adds it always
 */
export function residual(
  skip: SymbolicTensor,
  branch: SymbolicTensor,
  { name, rate, seed }: { readonly name: string; readonly rate: number; readonly seed: number },
): SymbolicTensor {
  const kept =
    rate === 0
      ? branch
      : on(new SeededDropout({ name: `${name}_depth`, rate, seed, perImage: true }), branch);
  return on(layers.add({ name: `${name}_add` }), [skip, kept]);
}

/** The logits. */
export function logits(x: SymbolicTensor, classes: number): SymbolicTensor {
  return on(layers.dense({ name: 'logits', units: classes, kernelInitializer: 'glorotUniform' }), x);
}
