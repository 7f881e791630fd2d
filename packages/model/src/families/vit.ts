import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { ModelSettingInvalid } from '../errors.ts';
import { SeededDropout } from '../dropout.ts';
import { activation, convolution, logits, on, residual } from './blocks.ts';
import type { BuildContext, ModelFamily } from './family.ts';
import { checkHalvings } from './halvings.ts';

/**
 * Vision Transformer (Dosovitskiy et al. 2021; `tokenizer: patch`) and compact convolutional transformer (Hassani et al. 2021;
 * `tokenizer: conv`), pre-norm. Made of standard layers alone, so that plain TensorFlow.js opens what is saved: positions come from
 * a depthwise 3x3 convolution added to the tokens (conditional positional encoding, Chu et al. 2021), and the tokens become one vector by
 * attention over them (sequence pooling, Hassani et al. 2021) or by their mean, not by a class token.
 */
export const VitSpec = z
  .strictObject({
    kind: z.literal('vit'),
    tokenizer: z.enum(['patch', 'conv']).default('conv'),
    /** Side of a patch in pixels; of `conv`, every convolution halves height and width. */
    patch: z.int().min(1).max(256).default(4),
    /** Convolutions of the tokenizer `conv`. */
    convolutions: z.int().min(1).max(8).default(2),
    /** Length of a token's vector. */
    width: z.int().min(1).max(4096).default(96),
    depth: z.int().min(1).max(64).default(4),
    heads: z.int().min(1).max(64).default(3),
    /** Units of a block's dense layer, as a multiple of the width. */
    mlpRatio: z.number().positive().max(16).default(2),
    pooling: z.enum(['sequence', 'mean']).default('sequence'),
    dropout: z.number().min(0).lt(1).default(0),
    stochasticDepth: z.number().min(0).lt(1).default(0.1),
  })
  .superRefine(({ width, heads }, context) => {
    if (width % heads === 0) return;
    const message = `expected a divisor of the width ${width}, got ${heads}`;
    context.addIssue({ code: 'custom', path: ['heads'], message });
  });
export type VitSpec = z.output<typeof VitSpec>;

/** As Dosovitskiy et al. and DeiT draw them. */
const INITIALIZER = { className: 'TruncatedNormal', config: { mean: 0, stddev: 0.02 } } as never;
const EPSILON = 1e-6;

const norm = (x: SymbolicTensor, name: string): SymbolicTensor =>
  on(layers.layerNormalization({ name, epsilon: EPSILON }), x);

const dense = (x: SymbolicTensor, name: string, units: number): SymbolicTensor =>
  on(layers.dense({ name, units, kernelInitializer: INITIALIZER }), x);

function tokenize(images: SymbolicTensor, spec: VitSpec, context: BuildContext): SymbolicTensor {
  const { patch, width, convolutions } = spec;
  if (spec.tokenizer === 'conv') {
    checkHalvings('model.convolutions', { halvings: convolutions, blocks: convolutions }, context);
    let x = images;
    for (let i = 0; i < convolutions; i++) {
      const filters = Math.max(1, Math.round(width / 2 ** (convolutions - 1 - i)));
      x = activation(convolution(x, { name: `token_conv${i + 1}`, filters }), `token_conv${i + 1}`);
      x = on(layers.maxPooling2d({ name: `token_pool${i + 1}`, poolSize: 2 }), x);
    }
    return x;
  }
  const [height, wide] = context.inputShape;
  if (height % patch !== 0 || wide % patch !== 0) {
    const problem = `expected a divisor of the image's sides ${height} and ${wide}, got ${patch}`;
    throw new ModelSettingInvalid('model.patch', problem);
  }
  const window = { kernelSize: patch, strides: patch, kernelInitializer: INITIALIZER };
  return on(layers.conv2d({ name: 'patches', filters: width, padding: 'valid', ...window }), images);
}

/** Softmax of q k' / sqrt(d) over the tokens, times v, for each head; all heads side by side, projected. */
function attention(x: SymbolicTensor, name: string, { width, heads }: VitSpec): SymbolicTensor {
  const size = width / heads;
  const head = (index: number): SymbolicTensor => {
    const at = `${name}_head${index + 1}`;
    const [q, k, v] = ['query', 'key', 'value'].map((part) => dense(x, `${at}_${part}`, size)) as [
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
    ];
    const scores = on(layers.dot({ name: `${at}_scores`, axes: [2, 2] }), [q, k]);
    const scaled = on(
      layers.rescaling({ name: `${at}_scale`, scale: 1 / Math.sqrt(size), offset: 0 }),
      scores,
    );
    const weights = on(layers.softmax({ name: `${at}_softmax`, axis: -1 }), scaled);
    return on(layers.dot({ name: `${at}_mix`, axes: [2, 1] }), [weights, v]);
  };
  const all = Array.from({ length: heads }, (_, index) => head(index));
  const joined =
    all.length === 1 ? all[0]! : on(layers.concatenate({ name: `${name}_heads`, axis: -1 }), all);
  return dense(joined, `${name}_project`, width);
}

function block(x: SymbolicTensor, spec: VitSpec, index: number, { seed }: BuildContext): SymbolicTensor {
  const name = `block${index + 1}`;
  const rate = (spec.stochasticDepth * (index + 1)) / spec.depth;
  const dropped = (y: SymbolicTensor, part: string): SymbolicTensor =>
    spec.dropout === 0
      ? y
      : on(new SeededDropout({ name: `${name}_${part}_dropout`, rate: spec.dropout, seed }), y);
  const attended = attention(norm(x, `${name}_norm1`), `${name}_attention`, spec);
  const y = residual(x, dropped(attended, 'attention'), { name: `${name}_attention`, rate, seed });
  let z = dense(norm(y, `${name}_norm2`), `${name}_mlp1`, Math.round(spec.width * spec.mlpRatio));
  z = dense(activation(z, `${name}_mlp`, 'gelu'), `${name}_mlp2`, spec.width);
  return residual(y, dropped(z, 'mlp'), { name: `${name}_mlp`, rate, seed });
}

/** One vector of the tokens [n, tokens, width]. */
function pooled(x: SymbolicTensor, { pooling, width }: VitSpec): SymbolicTensor {
  if (pooling === 'mean') return on(layers.globalAveragePooling1d({ name: 'mean_pool' }), x);
  const scores = on(layers.reshape({ name: 'pool_scores', targetShape: [x.shape[1]!] }), dense(x, 'pool', 1));
  const weights = on(layers.softmax({ name: 'pool_softmax', axis: -1 }), scores);
  const mixed = on(layers.dot({ name: 'pool_mix', axes: [1, 1] }), [weights, x]);
  return on(layers.reshape({ name: 'pooled', targetShape: [width] }), mixed);
}

export const vit: ModelFamily<VitSpec> = {
  connect(images, spec, context) {
    let x = tokenize(images, spec, context);
    const positions = layers.depthwiseConv2d({
      ...{ name: 'positions', kernelSize: 3, padding: 'same', depthwiseInitializer: 'heNormal' },
    });
    x = on(layers.add({ name: 'positions_add' }), [x, on(positions, x)]);
    const [, height, wide] = x.shape as [null, number, number, number];
    x = on(layers.reshape({ name: 'tokens', targetShape: [height * wide, spec.width] }), x);
    for (let i = 0; i < spec.depth; i++) x = block(x, spec, i, context);
    return logits(pooled(norm(x, 'final_norm'), spec), context.classes);
  },
};
