import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { SeededDropout } from '../dropout.ts';
import { activation, channelsOf, convNorm, convolution, logits, norm, on, residual } from './blocks.ts';
import type { BuildContext, ModelFamily } from './family.ts';
import { checkHalvings } from './halvings.ts';

/**
 * Residual networks for small images: He et al. 2015, section 4.2 (`basic`), He et al. 2016 (`preact`), Zagoruyko and
 * Komodakis 2016 (`widen` > 1 with `preact`). Depth 6n + 2 with three stages of n blocks of two convolutions.
 */
export const ResnetSpec = z.strictObject({
  kind: z.literal('resnet'),
  /** Layers with weights: 8, 14, 20, 26, 32, ... */
  depth: z
    .int()
    .min(8)
    .max(1202)
    .refine((depth) => (depth - 2) % 6 === 0, 'expected 6n + 2 (8, 14, 20, 26, 32, ...)')
    .default(20),
  /** Multiplies the widths 16, 32 and 64 of the stages. */
  widen: z.number().positive().max(16).default(1),
  block: z.enum(['basic', 'preact']).default('basic'),
  /** Between the two convolutions of a block. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Share of images for which the last block is left out while training; earlier blocks proportionally less. */
  stochasticDepth: z.number().min(0).lt(1).default(0),
  momentum: z.number().min(0).lt(1).default(0.9),
});
export type ResnetSpec = z.output<typeof ResnetSpec>;

const STAGES = [16, 32, 64];

interface BlockArgs {
  readonly name: string;
  readonly filters: number;
  readonly strides: number;
  /** Of stochastic depth. */
  readonly rate: number;
}

function dropped(
  x: SymbolicTensor,
  name: string,
  { dropout: rate }: ResnetSpec,
  seed: number,
): SymbolicTensor {
  return rate === 0 ? x : on(new SeededDropout({ name: `${name}_dropout`, rate, seed }), x);
}

/** conv norm relu conv norm, added to the input (projected where the shape changes), relu. */
function basic(x: SymbolicTensor, spec: ResnetSpec, args: BlockArgs, { seed }: BuildContext): SymbolicTensor {
  const { name, filters, strides, rate } = args;
  const { momentum } = spec;
  const changes = strides !== 1 || channelsOf(x) !== filters;
  const skip = changes
    ? convNorm(x, { name: `${name}_project`, filters, kernelSize: 1, strides, momentum })
    : x;
  let y = convNorm(x, { name: `${name}_conv1`, filters, strides, momentum }, 'relu');
  y = convNorm(dropped(y, name, spec, seed), { name: `${name}_conv2`, filters, momentum });
  return activation(residual(skip, y, { name, rate, seed }), name);
}

/** norm relu conv norm relu conv, added to the input; a projection takes the first norm's output. */
function preact(
  x: SymbolicTensor,
  spec: ResnetSpec,
  args: BlockArgs,
  { seed }: BuildContext,
): SymbolicTensor {
  const { name, filters, strides, rate } = args;
  const { momentum } = spec;
  const start = activation(norm(x, `${name}_norm1`, momentum), `${name}_1`);
  const changes = strides !== 1 || channelsOf(x) !== filters;
  const skip = changes ? convolution(start, { name: `${name}_project`, filters, kernelSize: 1, strides }) : x;
  let y = convolution(start, { name: `${name}_conv1`, filters, strides });
  y = activation(norm(y, `${name}_norm2`, momentum), `${name}_2`);
  y = convolution(dropped(y, name, spec, seed), { name: `${name}_conv2`, filters });
  return residual(skip, y, { name, rate, seed });
}

export const resnet: ModelFamily<ResnetSpec> = {
  connect(images, spec, context) {
    checkHalvings('model.kind', { halvings: STAGES.length - 1, blocks: STAGES.length }, context);
    const { momentum, widen } = spec;
    const perStage = (spec.depth - 2) / 6;
    const block = spec.block === 'basic' ? basic : preact;
    const width = (filters: number): number => Math.max(1, Math.round(filters * widen));
    const stem = { name: 'stem', filters: width(STAGES[0]!) };
    let x =
      spec.block === 'basic' ? convNorm(images, { ...stem, momentum }, 'relu') : convolution(images, stem);
    STAGES.forEach((filters, stage) => {
      for (let i = 0; i < perStage; i++) {
        const index = stage * perStage + i + 1;
        const args = {
          ...{ name: `stage${stage + 1}_block${i + 1}`, filters: width(filters) },
          strides: stage > 0 && i === 0 ? 2 : 1,
          rate: (spec.stochasticDepth * index) / (STAGES.length * perStage),
        };
        x = block(x, spec, args, context);
      }
    });
    if (spec.block === 'preact') x = activation(norm(x, 'final_norm', momentum), 'final');
    return logits(on(layers.globalAveragePooling2d({ name: 'global_average' }), x), context.classes);
  },
};
