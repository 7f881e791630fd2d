import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { gelu, hardSwish, layerNorm, silu } from '../../src/index.ts';
import { FP32, leakFree, near, numbers, tensor, type Exactness, type TrainingOpCase } from './figures.ts';

type Figures = Readonly<Record<string, number[]>>;

/** By PyTorch in float64: smooth-reference.py. */
const reference = JSON.parse(
  readFileSync(new URL('../smooth-reference.json', import.meta.url), 'utf8'),
) as Record<'silu' | 'gelu' | 'hardSwish' | 'layerNorm' | 'softmax', Figures>;

const scaled = (seed: number, count: number, by: number): number[] => numbers(seed, count).map((v) => v * by);

function activationCase(
  name: 'silu' | 'gelu' | 'hardSwish',
  op: (x: tf.Tensor) => tf.Tensor,
): TrainingOpCase {
  const check = leakFree(() => {
    const [x, dy] = [tensor(scaled(61, 24, 4), [24]), tensor(numbers(62, 24), [24])];
    near('y', op(x).dataSync(), reference[name]['y']!, 1e-6);
    near('dx', tf.grad(op)(x, dy).dataSync(), reference[name]['dx']!, 1e-6);
    // every element alike, wherever it stands
    const many = tf.tile(x, [50]);
    near('y of many', op(many).dataSync(), Array(50).fill(reference[name]['y']).flat() as number[], 1e-6);
    near(
      'dx of many',
      tf
        .grad(op)(many, tf.tile(dy, [50]))
        .dataSync(),
      Array(50).fill(reference[name]['dx']).flat() as number[],
      1e-6,
    );
  });
  return { name, check };
}

const layerNormCase: TrainingOpCase = {
  name: 'layerNorm of [3, 19], as PyTorch',
  check: leakFree(() => {
    const [x, scale, offset] = [
      tensor(numbers(63, 57), [3, 19]),
      tensor(numbers(64, 19), [19]),
      tensor(numbers(65, 19), [19]),
    ];
    const op = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor =>
      layerNorm({ x, scale, offset, epsilon: 1e-5 });
    const wanted = reference.layerNorm;
    near('y', op(x, scale, offset).dataSync(), wanted['y']!, 1e-6);
    const [dx, dscale, doffset] = tf.grads(op)([x, scale, offset], tensor(numbers(66, 57), [3, 19]));
    near('dx', dx!.dataSync(), wanted['dx']!, 1e-5);
    near('dscale', dscale!.dataSync(), wanted['dscale']!, 1e-5);
    near('doffset', doffset!.dataSync(), wanted['doffset']!, 1e-5);
  }),
};

const softmaxCase: TrainingOpCase = {
  name: 'softmax of [4, 10] and its gradient, as PyTorch',
  check: leakFree(() => {
    const [x, dy] = [tensor(scaled(67, 40, 6), [4, 10]), tensor(numbers(68, 40), [4, 10])];
    near('y', tf.softmax(x).dataSync(), reference.softmax['y']!, 1e-6);
    near(
      'dx',
      tf
        .grad((x: tf.Tensor) => tf.softmax(x))(x, dy)
        .dataSync(),
      reference.softmax['dx']!,
      1e-6,
    );
  }),
};

/** Layer normalisation in float64. */
function layerNormReference(x: number[], width: number, epsilon: number): number[] {
  return x.map((_, i) => {
    const row = x.slice(Math.floor(i / width) * width, (Math.floor(i / width) + 1) * width);
    const mean = row.reduce((a, b) => a + b) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    return (x[i]! - mean) / Math.sqrt(variance + epsilon);
  });
}

function plainNormCase(shape: number[]): TrainingOpCase {
  const width = shape.at(-1)!;
  const check = leakFree(() => {
    const count = shape.reduce((a, b) => a * b);
    const [x, dy] = [scaled(71, count, 3), numbers(72, count)];
    const op = (x: tf.Tensor): tf.Tensor => layerNorm({ x, epsilon: 1e-3 });
    near('y', op(tensor(x, shape)).dataSync(), layerNormReference(x, width, 1e-3), 1e-5);
    const dx = tf.grad(op)(tensor(x, shape), tensor(dy, shape)).dataSync();
    const loss = (values: number[]): number =>
      layerNormReference(values, width, 1e-3).reduce((sum, y, i) => sum + y * dy[i]!, 0);
    const differences = x.map(
      (value, i) => (loss(x.with(i, value + 1e-5)) - loss(x.with(i, value - 1e-5))) / 2e-5,
    );
    near('dx', dx, differences, 1e-4);
  });
  return { name: `layerNorm of [${shape}] without scale and offset`, check };
}

/** Layer normalisation, smooth activations, softmax. */
export function smoothCases(exactness: Exactness): TrainingOpCase[] {
  const all = [
    activationCase('silu', silu),
    activationCase('gelu', gelu),
    activationCase('hardSwish', hardSwish),
    layerNormCase,
    softmaxCase,
    ...[
      [2, 3, 1],
      [40, 5],
      [2, 3, 33],
      [1, 70],
    ].map(plainNormCase),
  ];
  // their activations are fp32 in every precision
  return exactness === FP32 ? all : all.slice(0, 5);
}
