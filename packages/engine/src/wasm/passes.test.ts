import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTraining } from '../training/norm-block.ts';
import { numbers, openWasmForTests, valuesOn, worstDifference } from './wasm-fixture.ts';

beforeAll(openWasmForTests);

/** Relative to the largest value: what reordered float32 sums of these sizes differ by. */
const TOLERANCE = 2e-6;

describe('sums and means', () => {
  const cases = [
    [[7], [0]],
    [[300, 5], [0]],
    [
      [130, 3, 8],
      [0, 1],
    ],
    [
      [4, 5, 6, 1],
      [0, 1, 2],
    ],
    [[4, 5, 6], [1]],
    [[4, 5, 6], [2]],
  ] as const;
  it.each(cases)('shape %o over %o', (shape, axes) => {
    for (const keep of [false, true]) {
      const build = (): tf.Tensor[] => [
        tf.sum(numbers(1, ...shape), [...axes], keep),
        tf.mean(numbers(2, ...shape), [...axes], keep),
      ];
      expect(worstDifference(build)).toBeLessThan(TOLERANCE);
    }
  });

  it('adds 200,000 rows without drifting', () => {
    const [sum] = valuesOn('wasm', () => [tf.sum(tf.fill([200_000, 5], 0.1), 0)]);
    for (const value of sum!) expect(value).toBeCloseTo(200_000 * Math.fround(0.1), 1);
  });

  it('sums integers and counts booleans as before', () => {
    expect(tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0).arraySync()).toEqual([4, 6]);
    expect(tf.sum(tf.tensor2d([1, 0, 1, 1], [2, 2], 'bool'), 0).arraySync()).toEqual([2, 1]);
  });
});

describe('max pooling', () => {
  const cases = [
    [2, 8, 8, 4, 2, 2, 'valid'],
    [1, 7, 9, 3, 2, 2, 'same'],
    [2, 7, 7, 5, 3, 2, 'same'],
    [1, 6, 5, 1, 3, 1, 'same'],
    [3, 28, 28, 32, 2, 2, 'same'],
  ] as const;
  it.each(cases)('gradient: %i x %ix%i x %i, window %i stride %i %s', (n, h, w, c, size, stride, pad) => {
    const build = (): tf.Tensor[] => {
      const f = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
      const x = numbers(1, n, h, w, c);
      return [tf.grad(f)(x, numbers(2, ...f(x).shape))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });

  it('gives all of the gradient to the first of equal maxima', () => {
    const dx = tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'))(
      tf.zeros([1, 2, 2, 5]),
      tf.ones([1, 1, 1, 5]),
    );
    expect([...dx.dataSync()]).toEqual([...Array<number>(5).fill(1), ...Array<number>(15).fill(0)]);
  });
});

describe('relu and batch normalisation', () => {
  it.each([1, 3, 4, 1027])('relu gradient of %i values', (count) => {
    const build = (): tf.Tensor[] => [
      tf.grad((x: tf.Tensor) => tf.relu(x))(numbers(1, count), numbers(2, count)),
    ];
    expect(worstDifference(build)).toBe(0);
  });

  const shapes = [
    [5, 1],
    [70, 3],
    [128, 256],
    [4, 5, 6, 8],
    [3, 4, 5, 7],
  ] as const;
  it.each(shapes.map((shape) => [shape] as const))(
    'batchNormTraining of %o: values and gradients',
    (shape) => {
      const build = (): tf.Tensor[] => {
        const channels = shape.at(-1)!;
        const [x, gamma, beta] = [
          tf.add(tf.mul(numbers(1, ...shape), 3), 5),
          numbers(2, channels),
          numbers(3, channels),
        ];
        const { y, mean, variance } = batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3);
        const f = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
          batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y;
        return [y, mean, variance, ...tf.grads(f)([x, gamma, beta], numbers(4, ...shape))];
      };
      expect(worstDifference(build)).toBeLessThan(2e-5);
    },
  );

  it.each(shapes.map((shape) => [shape] as const))(
    'batchNormTraining of %o equals moments and batchNorm',
    (shape) => {
      const channels = shape.at(-1)!;
      const axes = shape.slice(0, -1).map((_, axis) => axis);
      const plain = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
        const { mean, variance } = tf.moments(x, [...axes]);
        const x4 = shape.length === 2 ? tf.reshape(x, [shape[0], 1, 1, channels]) : x;
        const args = [mean, variance, beta, gamma] as tf.Tensor1D[];
        const y = tf.batchNorm(x4 as tf.Tensor4D, args[0]!, args[1]!, args[2], args[3], 1e-3);
        return tf.reshape(y, [...shape]);
      };
      const fused = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
        batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y;
      const all = (f: typeof plain) => (): tf.Tensor[] => {
        const inputs = [numbers(1, ...shape), numbers(2, channels), numbers(3, channels)];
        return [f(inputs[0]!, inputs[1]!, inputs[2]!), ...tf.grads(f)(inputs, numbers(4, ...shape))];
      };
      for (const [on, f] of [
        ['wasm', fused],
        ['cpu', fused],
        ['wasm', plain],
      ] as const) {
        const [ours, reference] = [valuesOn(on, all(f)), valuesOn('cpu', all(plain))];
        ours.forEach((values, i) =>
          values.forEach((value, j) => expect(Math.abs(value - reference[i]![j]!)).toBeLessThan(1e-4)),
        );
      }
    },
  );
});

it.each(['wasm', 'cpu'] as const)(
  'batchNormTraining leaves y, mean and variance on %s, nothing else',
  (backend) => {
    tf.setBackend(backend);
    const [x, gamma, beta] = [
      numbers(1, 4, 5, 6, 8),
      numbers(2, 8) as tf.Tensor1D,
      numbers(3, 8) as tf.Tensor1D,
    ];
    const before = tf.memory().numTensors;
    const { y, mean, variance } = batchNormTraining(x, gamma, beta, 1e-3);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([y, mean, variance]);
    const f = (x: tf.Tensor): tf.Tensor => tf.tidy(() => batchNormTraining(x, gamma, beta, 1e-3).y);
    tf.dispose(tf.grad(f)(x));
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, gamma, beta]);
    tf.setBackend('wasm');
  },
);

describe('gradient of a mean', () => {
  const cases = [
    [[6, 4], 0],
    [
      [3, 5, 2, 7],
      [0, 1, 2],
    ],
    [[3, 5], 1],
    [
      [4, 3],
      [0, 1],
    ],
    [[3, 1], 0],
  ] as const;
  it.each(cases)('shape %o over %o', (shape, axis) => {
    const build = (): tf.Tensor[] => {
      const axes = typeof axis === 'number' ? axis : [...axis];
      const f = (x: tf.Tensor): tf.Tensor => tf.mean(x, axes);
      const x = numbers(1, ...shape);
      return [tf.grad(f)(x, numbers(2, ...f(x).shape))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });
});

it.each([true, false])('batchNorm with given statistics, scale and offset: %s', (both) => {
  const build = (): tf.Tensor[] => {
    const variance = tf.add(numbers(3, 6), 1) as tf.Tensor1D;
    const [x, mean] = [numbers(1, 2, 5, 3, 6) as tf.Tensor4D, numbers(2, 6) as tf.Tensor1D];
    const rest = both ? ([numbers(4, 6), numbers(5, 6)] as tf.Tensor1D[]) : [];
    return [tf.batchNorm(x, mean, variance, rest[0], rest[1], 0.01)];
  };
  expect(worstDifference(build)).toBeLessThan(1e-5);
});
