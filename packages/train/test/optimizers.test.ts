import { openEngine, parameterUpdate, updateHyper } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { WeightAverage } from '../src/average.ts';
import { OptimizerSpec, ScheduleSpec } from '../src/config.ts';
import { clipped } from '../src/gradients.ts';
import { groupsOf } from '../src/layer-rates.ts';
import { ruleOf } from '../src/optimizer.ts';
import { rateFactor } from '../src/schedule.ts';

interface Reference {
  readonly optimizers: Readonly<Record<string, { parameters: number[]; ema: number[] }>>;
  readonly schedules: Readonly<Record<string, number[]>>;
}
/** PyTorch's: reference/optimizers.py. */
const REFERENCE = JSON.parse(
  readFileSync(new URL('./reference/optimizers.json', import.meta.url), 'utf8'),
) as Reference;

const SHAPES = [[2, 3], [2]];
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const start = (k: number): number[] =>
  Array.from({ length: sizeOf(SHAPES[k]!) }, (_, i) => Math.cos(0.7 * i + k));
const gradient = (t: number, k: number): number[] =>
  Array.from({ length: sizeOf(SHAPES[k]!) }, (_, i) => (Math.sin(0.37 * t + 0.61 * i + k) * (i + 1)) / 4);

interface Case {
  readonly optimizer: object;
  readonly rates?: readonly number[];
  readonly clip?: number;
}
const CASES: Record<string, Case> = {
  adam: { optimizer: { kind: 'adam', learningRate: 0.01 } },
  adamw: { optimizer: { kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 } },
  sgd: { optimizer: { kind: 'sgd', learningRate: 0.1 } },
  momentum: { optimizer: { kind: 'momentum', learningRate: 0.05 } },
  nesterov: { optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9, nesterov: true } },
  rates: { optimizer: { kind: 'adam', learningRate: 0.01 }, rates: [1, 0.1] },
  clipped: { optimizer: { kind: 'sgd', learningRate: 0.1 }, clip: 0.5 },
};

describe.each(['cpu', 'onednn'] as const)('on %s, after 100 steps, as PyTorch', (name) => {
  let there = true;
  beforeAll(async () => {
    there = await openEngine({ name }).then(
      () => true,
      () => false,
    );
  });

  it.each(Object.entries(CASES))('%s', (reference, { optimizer, rates = [1, 1], clip }) => {
    if (!there) return;
    const spec = OptimizerSpec.parse(optimizer);
    const rule = ruleOf(spec);
    const parameters = SHAPES.map((shape, k) => tf.tidy(() => tf.variable(tf.tensor(start(k), shape))));
    const updates = parameters.map((parameter) => parameterUpdate([parameter], rule));
    const average = new WeightAverage({ kind: 'ema', decay: 0.9 }, parameters);
    for (let step = 1; step <= 100; step++)
      tf.tidy(() => {
        const raw = SHAPES.map((shape, k) => tf.tensor(gradient(step, k), shape));
        const gradients = clip === undefined ? raw : clipped(raw, clip);
        updates.forEach((update, k) =>
          update.apply([gradients[k]!], tf.tensor1d(updateHyper(rule, step, spec.learningRate * rates[k]!))),
        );
        const { values, shape } = average.inputsAt({ step, stepsPerEpoch: 10 })['averageRate']!;
        average.move({ averageRate: tf.tensor(values, [...shape]) });
      });
    const { parameters: expected, ema } = REFERENCE.optimizers[reference]!;
    const near = (variables: readonly tf.Variable[], numbers: number[]): void =>
      variables
        .flatMap((variable) => [...variable.dataSync()])
        .forEach((value, i) => expect(Math.abs(value - numbers[i]!)).toBeLessThan(1e-5));
    near(parameters, expected);
    near(average.variables, ema);
    updates.forEach((update) => update.dispose());
    average.dispose();
    tf.dispose(parameters);
  });
});

describe('schedules', () => {
  it.each([
    ['step', { kind: 'step', everyEpochs: 1, factor: 0.5 }],
    ['polynomial', { kind: 'polynomial', power: 2 }],
    ['cosine', { kind: 'cosine', finalFactor: 0.1 }],
    ['triangular', { kind: 'triangular', cycleEpochs: 1.6, floorFactor: 0.2 }],
    ['one-cycle', { kind: 'one-cycle' }],
  ])('%s is that of PyTorch at every step', (name, written) => {
    const spec = ScheduleSpec.parse(written);
    REFERENCE.schedules[name]!.forEach((expected, i) =>
      expect(rateFactor(spec, { step: i + 1, stepsPerEpoch: 10, totalSteps: 40 })).toBeCloseTo(expected, 10),
    );
  });

  it('rise in a straight line through their warm-up', () => {
    const spec = ScheduleSpec.parse({ kind: 'step', everyEpochs: 1, factor: 0.5, warmupEpochs: 0.5 });
    const factors = [1, 2, 4, 5, 6, 15, 16].map((step) =>
      rateFactor(spec, { step, stepsPerEpoch: 10, totalSteps: 40 }),
    );
    expect(factors).toEqual([0.2, 0.4, 0.8, 1, 1, 1, 0.5]);
  });
});

it('groups parameters by the rate of their layer, the exact name first, and refuses one that nobody has', () => {
  const named = (name: string): tf.Variable => ({ name }) as tf.Variable;
  const parameters = ['block1_conv/kernel', 'block2_conv/kernel_1', 'logits/bias'].map(named);
  const groups = groupsOf(parameters, { 'block*': 0.1, block1_conv: 0 });
  expect([...groups].map(([factor, members]) => [factor, members.length])).toEqual([
    [0, 1],
    [0.1, 1],
    [1, 1],
  ]);
  expect(() => groupsOf(parameters, { logit: 2 })).toThrow('no layer "logit"; the nearest is "logits"');
});
