import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { ACTIVATIONS, activation, convNorm, convolution, logits, norm, on } from './blocks.ts';
import type { ModelFamily } from './family.ts';
import { checkHalvings } from './halvings.ts';

const Width = z.int().min(1).max(4096);

/**
 * After airbench94 (Keller Jordan 2024, "94 % on CIFAR-10 in 3.29 seconds on a single GPU"): pooling before the first
 * normalisation of a block, so that everything after it works on a quarter of the pixels; global max pooling.
 */
export const AirbenchSpec = z.strictObject({
  kind: z.literal('airbench'),
  /** Channels of each block; every block halves height and width. */
  widths: z.array(Width).min(1).default([32, 64, 128]),
  /** Convolutions of a block; those after the second are added to what they were given. */
  depth: z.int().min(1).max(8).default(2),
  activation: z.enum(ACTIVATIONS).default('relu'),
  /** Of the normalisations' moving averages: short trainings need short ones. */
  momentum: z.number().min(0).lt(1).default(0.9),
  /** How the last block becomes one number a channel. */
  pooling: z.enum(['max', 'average']).default('max'),
});
export type AirbenchSpec = z.output<typeof AirbenchSpec>;

function block(x: SymbolicTensor, spec: AirbenchSpec, index: number): SymbolicTensor {
  const { activation: kind, momentum } = spec;
  const filters = spec.widths[index]!;
  const name = (i: number): string => `block${index + 1}_conv${i + 1}`;
  let y = on(
    layers.maxPooling2d({ name: `block${index + 1}_pool`, poolSize: 2 }),
    convolution(x, { name: name(0), filters }),
  );
  y = activation(norm(y, `${name(0)}_norm`, momentum), name(0), kind);
  for (let i = 1; i < spec.depth; i++) {
    const next = convNorm(y, { name: name(i), filters, momentum }, i < 2 ? kind : undefined);
    y = i < 2 ? next : activation(on(layers.add({ name: `${name(i)}_add` }), [y, next]), name(i), kind);
  }
  return y;
}

export const airbench: ModelFamily<AirbenchSpec> = {
  connect(images, spec, context) {
    const blocks = spec.widths.length;
    checkHalvings('model.widths', { halvings: blocks, blocks }, context);
    const x = spec.widths.reduce((y, _, index) => block(y, spec, index), images);
    const pool = { name: `global_${spec.pooling}` };
    const global =
      spec.pooling === 'max' ? layers.globalMaxPooling2d(pool) : layers.globalAveragePooling2d(pool);
    return logits(on(global, x), context.classes);
  },
};
