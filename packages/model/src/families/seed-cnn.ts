import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { BatchNorm } from '../batch-norm.ts';
import { SeededDropout } from '../dropout.ts';
import { ACTIVATIONS, logits } from './blocks.ts';
import type { ModelFamily } from './family.ts';
import { checkHalvings } from './halvings.ts';

const Rate = z.number().min(0).lt(1);
const Width = z.int().min(1).max(4096);

/** Settings of the seed CNN; the defaults are the notebook's, with 423,946 parameters for 28x28x1 and 10 classes. */
export const SeedCnnSpec = z
  .strictObject({
    kind: z.literal('seed-cnn'),
    /** Output channels of each convolution block; every block halves height and width. */
    filters: z.array(Width).min(1).default([32, 64, 128]),
    kernelSize: z.int().min(1).max(15).default(3),
    /** Dropout rate at the end of each block; 0 leaves the layer out. */
    blockDropout: z.array(Rate).default([0.25, 0.25, 0.4]),
    /** Units of each dense layer before the logits. */
    dense: z.array(Width).default([256, 128]),
    denseDropout: z.array(Rate).default([0.5, 0.3]),
    /** One rate in place of every one of blockDropout and denseDropout; null leaves the lists as they are. */
    dropout: Rate.nullable().default(null),
    activation: z.enum(ACTIVATIONS).default('relu'),
    /** In every block, and after the first dense layer. */
    batchNorm: z.boolean().default(true),
    /** Where max pooling stands: conv, norm, pool (as in the notebook) or conv, pool, norm. */
    pooling: z.enum(['after-norm', 'before-norm']).default('after-norm'),
  })
  .superRefine((spec, context) => {
    for (const [rates, widths] of [
      ['blockDropout', 'filters'],
      ['denseDropout', 'dense'],
    ] as const) {
      if (spec[rates].length === spec[widths].length) continue;
      context.addIssue({
        code: 'custom',
        path: [rates],
        message: `expected one rate for each of the ${spec[widths].length} ${widths}, got ${spec[rates].length}`,
      });
    }
  });
export type SeedCnnSpec = z.output<typeof SeedCnnSpec>;

function block(x: SymbolicTensor, spec: SeedCnnSpec, index: number, seed: number): SymbolicTensor {
  const name = (layer: string): string => `block${index + 1}_${layer}`;
  const convolution = layers.conv2d({
    name: name('conv'),
    filters: spec.filters[index]!,
    kernelSize: spec.kernelSize,
    padding: 'same',
    kernelInitializer: 'glorotUniform',
    activation: spec.activation,
  });
  const norm: layers.Layer[] = spec.batchNorm ? [new BatchNorm({ name: name('norm') })] : [];
  const pool = layers.maxPooling2d({ name: name('pool'), poolSize: 2 });
  const tail: layers.Layer[] = spec.pooling === 'after-norm' ? [...norm, pool] : [pool, ...norm];
  const rate = spec.dropout ?? spec.blockDropout[index]!;
  if (rate > 0) tail.push(new SeededDropout({ name: name('dropout'), rate, seed }));
  return [convolution, ...tail].reduce((input, layer) => layer.apply(input) as SymbolicTensor, x);
}

function head(x: SymbolicTensor, spec: SeedCnnSpec, index: number, seed: number): SymbolicTensor {
  const name = (layer: string): string => `dense${index + 1}${layer}`;
  let y = layers
    .dense({
      name: name(''),
      units: spec.dense[index]!,
      activation: spec.activation,
      kernelInitializer: 'glorotUniform',
    })
    .apply(x) as SymbolicTensor;
  if (spec.batchNorm && index === 0) y = new BatchNorm({ name: name('_norm') }).apply(y) as SymbolicTensor;
  const rate = spec.dropout ?? spec.denseDropout[index]!;
  return rate > 0
    ? (new SeededDropout({ name: name('_dropout'), rate, seed }).apply(y) as SymbolicTensor)
    : y;
}

/** Three blocks of convolution, normalisation, pooling and dropout, then dense layers. */
export const seedCnn: ModelFamily<SeedCnnSpec> = {
  connect(images, spec, context) {
    const blocks = spec.filters.length;
    checkHalvings('model.filters', { halvings: blocks, blocks }, context);
    let x = images;
    spec.filters.forEach((_, index) => (x = block(x, spec, index, context.seed)));
    x = layers.flatten({ name: 'flatten' }).apply(x) as SymbolicTensor;
    spec.dense.forEach((_, index) => (x = head(x, spec, index, context.seed)));
    return logits(x, context.classes);
  },
};
