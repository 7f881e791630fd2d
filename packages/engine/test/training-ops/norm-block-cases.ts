import * as tf from '@tensorflow/tfjs-core';
import { batchNormTraining, normBlock, type NormBlockPool } from '../../src/index.ts';
import { centralDifferences, normBlockReference } from '../reference.ts';
import { leakFree, near, numbers, sizeOf, tensor, type Exactness, type TrainingOpCase } from './figures.ts';

interface BlockCase {
  readonly shape: readonly number[];
  readonly without?: readonly ('bias' | 'scale' | 'offset')[];
  readonly reluBefore?: boolean;
  readonly reluAfter?: boolean;
  readonly pool?: NormBlockPool;
}

const HALVING: NormBlockPool = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };
const BLOCKS: readonly BlockCase[] = [
  { shape: [6, 5] },
  { shape: [7, 3], reluBefore: true },
  { shape: [16, 17], reluBefore: true, reluAfter: true },
  { shape: [2, 4, 4, 3], reluBefore: true, pool: HALVING },
  { shape: [2, 4, 4, 16], reluBefore: true, pool: HALVING },
  { shape: [3, 5, 7, 4], reluAfter: true, pool: HALVING },
  { shape: [2, 5, 5, 3], reluAfter: true, pool: { filterSize: [3, 3], strides: [2, 2], pad: 'same' } },
  { shape: [2, 6, 5, 2], pool: { filterSize: [3, 2], strides: [1, 2], pad: 'valid' } },
  { shape: [2, 3, 3, 8], reluAfter: true, without: ['bias'] },
  { shape: [2, 3, 3, 4], reluBefore: true, without: ['scale', 'offset'] },
  { shape: [2, 3, 4], without: ['bias', 'scale', 'offset'] },
];

function blockName({ shape, without = [], reluBefore, reluAfter, pool }: BlockCase): string {
  const parts = [
    `[${shape.join(', ')}]`,
    ...(reluBefore ? ['relu, norm'] : ['norm']),
    ...(reluAfter ? ['relu'] : []),
    ...(pool ? [`pool ${pool.filterSize.join('x')}/${pool.strides.join('x')} ${pool.pad}`] : []),
    ...without.map((name) => `no ${name}`),
  ];
  return `NormBlock of ${parts.join(', ')}`;
}

/** Each number once: where two places of a window are the largest, the slope is not one. */
function distinct(values: readonly number[], round: (value: number) => number): number[] {
  const seen = new Set<number>();
  return values.map((value) => {
    let own = round(value);
    while (seen.has(own)) own = round(own * (1 + 2 ** -7));
    seen.add(own);
    return own;
  });
}

function normBlockCase(block: BlockCase, exactness: Exactness): TrainingOpCase {
  const { shape, without = [], reluBefore = false, reluAfter = false, pool } = block;
  const channels = shape.at(-1)!;
  const epsilon = 1e-3;
  // a negative scale turns the order around, which pooling must not overlook
  const given = {
    x: distinct(
      numbers(11 + shape.length, sizeOf(shape)).map((value) => 3 * value + 0.5),
      exactness.round,
    ),
    bias: numbers(12, channels),
    scale: numbers(13, channels).map((value) => value + Math.sign(value) * 0.5),
    offset: numbers(14, channels),
  };
  const present = (['x', 'bias', 'scale', 'offset'] as const).filter(
    (name) => name === 'x' || !without.includes(name),
  );
  const constant = { bias: 0, scale: 1, offset: 0 };
  const reference = (args: Partial<typeof given>) =>
    normBlockReference({
      ...given,
      ...Object.fromEntries(without.map((name) => [name, given[name].map(() => constant[name])])),
      ...args,
      ...{ epsilon, reluBefore, reluAfter },
      pool: pool
        ? {
            shape: shape as [number, number, number, number],
            ...{ filter: pool.filterSize, strides: pool.strides, pad: pool.pad },
          }
        : null,
    });
  const run = (tensors: readonly tf.Tensor[]) => {
    const args = Object.fromEntries(present.map((name, i) => [name, tensors[i]!]));
    return normBlock({ ...(args as { x: tf.Tensor }), epsilon, reluBefore, reluAfter, pool: pool ?? null });
  };
  const check = leakFree(() => {
    const inputs = present.map((name) => tensor(given[name], name === 'x' ? shape : [channels]));
    const expected = reference({});
    const { y, mean, variance } = run(inputs);
    near('y', y.dataSync(), expected.y, exactness.value);
    near('mean', mean.dataSync(), expected.mean, exactness.exact);
    near('variance', variance.dataSync(), expected.variance, exactness.exact);
    const weights = numbers(15, expected.y.length).map(exactness.round);
    const gradients = tf.grads(
      (...tensors: tf.Tensor[]) => tf.sum(tf.mul(run(tensors).y, tensor(weights, y.shape))) as tf.Scalar,
    )(inputs);
    present.forEach((name, i) => {
      const slopes = centralDifferences((at) => reference({ [name]: at }).y, given[name], weights);
      near(`gradient of ${name}`, gradients[i]!.dataSync(), slopes, exactness.gradient);
    });
  });
  return { name: blockName(block), check };
}

function batchNormCase(exactness: Exactness): TrainingOpCase {
  const check = leakFree(() => {
    const x = numbers(31, 24).map(exactness.round);
    const [scale, offset] = [
      [1, -2, 0.5],
      [0, 1, -1],
    ] as const;
    const plain = { bias: [0, 0, 0], reluBefore: false, reluAfter: false, pool: null, epsilon: 0.01 };
    const expected = normBlockReference({ x, scale, offset, ...plain });
    const [gamma, beta] = [tf.tensor1d([...scale]), tf.tensor1d([...offset])];
    const { y, variance } = batchNormTraining(tensor(x, [2, 2, 2, 3]), gamma, beta, 0.01);
    near('y', y.dataSync(), expected.y, exactness.value);
    near('variance', variance.dataSync(), expected.variance, exactness.exact);
  });
  return { name: 'batchNormTraining', check };
}

/** The block between two convolutions, and batch normalisation alone. */
export function normBlockCases(exactness: Exactness): TrainingOpCase[] {
  return [...BLOCKS.map((block) => normBlockCase(block, exactness)), batchNormCase(exactness)];
}
