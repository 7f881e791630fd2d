import * as tf from '@tensorflow/tfjs-core';
import {
  averagingRate,
  moveTowards,
  ownMemory,
  parameterUpdate,
  rateValues,
  updateHyper,
  updateRule,
} from '../../src/index.ts';
import { optimizerReference } from '../reference.ts';
import { FP32, near, numbers, same, sizeOf, tensor, type TrainingOpCase } from './figures.ts';

type Rule = Parameters<typeof updateRule>;
const RULES: readonly Rule[] = [
  ['sgd'],
  ['sgd', { momentum: 0.9 }],
  ['sgd', { momentum: 0.9, nesterov: true }],
  ['adam'],
  ['adam', { beta1: 0.8, beta2: 0.99, epsilon: 1e-3 }],
  ['adamw', { weightDecay: 0.1 }],
];

function optimizerCase([kind, settings]: Rule): TrainingOpCase {
  const rule = updateRule(kind, settings);
  const shapes = [[3, 5], [7], [2, 2, 1, 3], [1]];
  const rates = [0.1, 0.1, 0.05, 0.01, 0.02];
  const name = `OptimizerUpdate with ${kind} ${JSON.stringify(settings ?? {})}`;
  const check = (): void => {
    const before = tf.memory().numTensors;
    const starts = shapes.map((shape, i) => numbers(60 + i, sizeOf(shape)));
    const arrays = starts.map((start) => Float32Array.from(start));
    const parameters = shapes.map((shape, i) => tf.tidy(() => tf.variable(tf.tensor(arrays[i]!, shape))));
    const gradientsAt = (step: number): number[][] =>
      shapes.map((shape, i) => numbers(70 + 10 * step + i, sizeOf(shape)));
    const update = parameterUpdate(parameters, rule);
    const held = tf.memory().numTensors;
    rates.forEach((rate, step) =>
      tf.tidy(() => {
        const gradients = gradientsAt(step).map((values, i) => tensor(values, shapes[i]!));
        update.apply(gradients, tf.tensor1d(updateHyper(rule, step + 1, rate)));
      }),
    );
    same('tensors left behind by the steps', tf.memory().numTensors - held, 0);
    parameters.forEach((parameter, i) => {
      const gradients = rates.map((_, step) => gradientsAt(step)[i]!);
      const decayed = shapes[i]!.length >= 2;
      const expected = optimizerReference(rule, starts[i]!, gradients, rates, decayed);
      near(`parameter ${i}`, parameter.dataSync(), expected, FP32.value);
    });
    same(
      'the arrays the parameters came from',
      arrays.map((array) => [...array]),
      starts,
    );
    update.dispose();
    tf.dispose(parameters);
    same('tensors left behind', tf.memory().numTensors - before, 0);
  };
  return { name, check };
}

/** The definition, in double: weights momentum^(t - i), made to sum to 1. */
function averageReference(momentum: number, values: readonly number[]): number {
  const weights = values.map((_, i) => momentum ** (values.length - 1 - i));
  const sum = weights.reduce((a, b) => a + b, 0);
  return values.reduce((at, value, i) => at + (value * weights[i]!) / sum, 0);
}

function averageCase(momentum: number): TrainingOpCase {
  const check = (): void => {
    const before = tf.memory().numTensors;
    const starts = [numbers(81, 9), numbers(84, 2)];
    const steps = [91, 92, 93, 94].map((seed) =>
      starts.map(({ length }, i) => numbers(seed + 10 * i, length)),
    );
    const moving = starts.map((start) => tf.tidy(() => tf.variable(tensor(start, [start.length]))));
    ownMemory(moving);
    steps.forEach((values, i) =>
      tf.tidy(() => {
        const targets = values.map((each) => tensor(each, [each.length]));
        moveTowards(moving, targets, tf.tensor1d(rateValues(averagingRate(momentum, i + 1))));
      }),
    );
    moving.forEach((variable, i) => {
      const expected = starts[i]!.map((_, j) =>
        averageReference(
          momentum,
          steps.map((values) => values[i]![j]!),
        ),
      );
      near(`average ${i}`, variable.dataSync(), expected, FP32.value);
    });
    tf.dispose(moving);
    same('tensors left behind', tf.memory().numTensors - before, 0);
  };
  return { name: `a moving average of momentum ${momentum} without bias`, check };
}

/** Updates in place, which are fp32 in every precision. */
export const updateCases: readonly TrainingOpCase[] = [
  ...RULES.map((rule) => optimizerCase(rule)),
  averageCase(0.99),
  averageCase(0.5),
];
