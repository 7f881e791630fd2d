import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { SeededDropout } from '../dropout.ts';
import { activation, channelsOf, convNorm, logits, norm, on, residual } from './blocks.ts';
import type { BuildContext, ModelFamily } from './family.ts';
import { checkHalvings } from './halvings.ts';

const Stage = z.strictObject({
  /** Channels in a block's middle, as a multiple of its input's. */
  expand: z.int().min(1).max(16),
  channels: z.int().min(1).max(4096),
  repeats: z.int().min(1).max(32),
  strides: z.union([z.literal(1), z.literal(2)]),
  kernelSize: z.union([z.literal(3), z.literal(5), z.literal(7)]).default(3),
});
type Stage = z.output<typeof Stage>;

/** For images of about 28 pixels: halved twice, not five times as for 224. */
const STAGES: Stage[] = [
  { expand: 1, channels: 16, repeats: 1, strides: 1, kernelSize: 3 },
  { expand: 4, channels: 24, repeats: 2, strides: 2, kernelSize: 3 },
  { expand: 4, channels: 48, repeats: 3, strides: 2, kernelSize: 3 },
  { expand: 4, channels: 80, repeats: 2, strides: 1, kernelSize: 3 },
];

/**
 * Blocks of EfficientNet (Tan and Le 2019): expansion by 1x1, depthwise convolution, squeeze and excitation (Hu et al. 2018),
 * projection by 1x1 without activation, SiLU; `width` and `depth` are the compound scaling's multipliers.
 */
export const EfficientnetSpec = z.strictObject({
  kind: z.literal('efficientnet'),
  stem: z.int().min(1).max(4096).default(24),
  stages: z.array(Stage).min(1).default(STAGES),
  /** Channels of the last 1x1 convolution. */
  head: z.int().min(1).max(8192).default(256),
  width: z.number().positive().max(8).default(1),
  depth: z.number().positive().max(8).default(1),
  /** Of a block's input channels, in the squeeze; 0 leaves squeeze and excitation out. */
  squeeze: z.number().min(0).max(1).default(0.25),
  dropout: z.number().min(0).lt(1).default(0.2),
  stochasticDepth: z.number().min(0).lt(1).default(0.1),
  momentum: z.number().min(0).lt(1).default(0.9),
});
export type EfficientnetSpec = z.output<typeof EfficientnetSpec>;

/** The nearest multiple of 8, but not below 90 % of the value (as published with MobileNetV2). */
export function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** Each channel times a number in (0, 1) that the channels' means decide. */
function squeezeExcite(x: SymbolicTensor, name: string, units: number): SymbolicTensor {
  const channels = channelsOf(x);
  const dense = { kernelInitializer: 'heNormal' } as const;
  let s = on(layers.globalAveragePooling2d({ name: `${name}_squeeze` }), x);
  s = on(layers.dense({ name: `${name}_reduce`, units, activation: 'swish', ...dense }), s);
  s = on(layers.dense({ name: `${name}_expand_gate`, units: channels, activation: 'sigmoid', ...dense }), s);
  s = on(layers.reshape({ name: `${name}_gate`, targetShape: [1, 1, channels] }), s);
  return on(layers.multiply({ name: `${name}_excite` }), [x, s]);
}

interface BlockArgs extends Pick<Stage, 'expand' | 'strides' | 'kernelSize'> {
  readonly name: string;
  readonly filters: number;
  readonly rate: number;
}

function block(
  x: SymbolicTensor,
  spec: EfficientnetSpec,
  args: BlockArgs,
  context: BuildContext,
): SymbolicTensor {
  const { name, filters, expand, strides, kernelSize, rate } = args;
  const { momentum } = spec;
  const channels = channelsOf(x);
  let y = x;
  if (expand > 1)
    y = convNorm(y, { name: `${name}_expand`, filters: channels * expand, kernelSize: 1, momentum }, 'swish');
  const depthwise = layers.depthwiseConv2d({
    ...{ name: `${name}_depthwise`, kernelSize, strides, padding: 'same', useBias: false },
    depthwiseInitializer: 'heNormal',
  });
  y = activation(norm(on(depthwise, y), `${name}_depthwise_norm`, momentum), `${name}_depthwise`, 'swish');
  const squeezed = Math.max(1, Math.round(channels * spec.squeeze));
  if (spec.squeeze > 0) y = squeezeExcite(y, name, squeezed);
  y = convNorm(y, { name: `${name}_project`, filters, kernelSize: 1, momentum });
  return strides === 1 && channels === filters ? residual(x, y, { name, rate, seed: context.seed }) : y;
}

export const efficientnet: ModelFamily<EfficientnetSpec> = {
  connect(images, spec, context) {
    const halvings = spec.stages.filter(({ strides }) => strides === 2).length;
    checkHalvings('model.stages', { halvings, blocks: spec.stages.length }, context);
    const { momentum } = spec;
    const stages = spec.stages.map((stage) => ({ ...stage, repeats: Math.ceil(stage.repeats * spec.depth) }));
    const total = stages.reduce((sum, { repeats }) => sum + repeats, 0);
    let x = convNorm(
      images,
      { name: 'stem', filters: roundChannels(spec.stem * spec.width), momentum },
      'swish',
    );
    let index = 0;
    stages.forEach(({ repeats, strides, channels, ...stage }, s) => {
      for (let i = 0; i < repeats; i++) {
        const args = {
          ...stage,
          ...{ name: `stage${s + 1}_block${i + 1}`, filters: roundChannels(channels * spec.width) },
          strides: i === 0 ? strides : (1 as const),
          rate: (spec.stochasticDepth * ++index) / total,
        };
        x = block(x, spec, args, context);
      }
    });
    const head = { name: 'head', filters: roundChannels(spec.head * spec.width), kernelSize: 1, momentum };
    x = on(layers.globalAveragePooling2d({ name: 'global_average' }), convNorm(x, head, 'swish'));
    const { dropout: rate } = spec;
    if (rate > 0) x = on(new SeededDropout({ name: 'head_dropout', rate, seed: context.seed }), x);
    return logits(x, context.classes);
  },
};
