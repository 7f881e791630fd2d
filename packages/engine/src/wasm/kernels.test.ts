import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTraining } from './batch-norm.ts';
import { numbers, openWasmForTests, valuesOn, worstDifference } from './wasm-fixture.ts';

beforeAll(openWasmForTests);

/** Relative to the largest value: what reordered float32 sums of these sizes differ by. */
const TOLERANCE = 2e-6;

const CONVOLUTIONS = [
  // batch, height, width, channels in, channels out, kernel, stride, padding, dilation
  [1, 1, 1, 1, 1, [1, 1], 1, 'same', 1],
  [1, 5, 7, 1, 3, [3, 3], 1, 'same', 1],
  [2, 28, 28, 1, 32, [3, 3], 1, 'same', 1],
  [3, 14, 14, 32, 64, [3, 3], 1, 'same', 1],
  [2, 7, 7, 64, 128, [3, 3], 1, 'same', 1],
  [2, 9, 8, 3, 10, [3, 3], 1, 'valid', 1],
  [2, 9, 8, 3, 10, [3, 3], 2, 'same', 1],
  [2, 10, 11, 4, 9, [5, 3], [2, 3], 'valid', 1],
  [1, 12, 12, 6, 5, [2, 4], 1, 'same', 1],
  [1, 12, 13, 5, 8, [3, 3], 1, 'same', 2],
  [1, 12, 13, 5, 8, [3, 2], 1, 'valid', [2, 3]],
  [4, 6, 6, 7, 17, [1, 1], 1, 'same', 1],
  [2, 6, 6, 8, 8, [3, 3], 3, 1, 1],
  [1, 300, 3, 3, 4, [3, 3], 1, 'same', 1],
] as const;

describe('convolution', () => {
  it.each(CONVOLUTIONS)('%i x %ix%i, %i -> %i channels, kernel %o stride %o %s dilation %o', (...config) => {
    const [n, h, w, from, to, [kh, kw], stride, pad, dilation] = config;
    const conv = (x: tf.Tensor, f: tf.Tensor): tf.Tensor =>
      tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, stride as number, pad, 'NHWC', dilation as number);
    const x = (): tf.Tensor => numbers(1, n, h, w, from);
    const filter = (): tf.Tensor => numbers(2, kh, kw, from, to);
    expect(worstDifference(() => [conv(x(), filter())])).toBeLessThan(TOLERANCE);
    if (dilation !== 1) return; // TensorFlow.js has no gradient of a dilated convolution.
    const gradients = (): tf.Tensor[] => {
      const dy = numbers(3, ...conv(x(), filter()).shape);
      return tf.grads(conv)([x(), filter()], dy);
    };
    expect(worstDifference(gradients)).toBeLessThan(TOLERANCE);
  });

  it('transposed convolution and its gradients', () => {
    const build = (): tf.Tensor[] => {
      const f = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
        tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 9, 9, 3], 2, 'same');
      const [x, w] = [numbers(1, 2, 5, 5, 4), numbers(2, 3, 3, 3, 4)];
      return [f(x, w), ...tf.grads(f)([x, w], numbers(3, 2, 9, 9, 3))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });

  it.each([
    [1, 'same'],
    [2, 'valid'],
  ] as const)('depthwise gradients, stride %i %s', (stride, pad) => {
    const build = (): tf.Tensor[] => {
      const f = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
        tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
      const [x, w] = [numbers(1, 2, 7, 6, 3), numbers(2, 3, 3, 3, 2)];
      return [f(x, w), ...tf.grads(f)([x, w], numbers(3, ...f(x, w).shape))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });
});

describe('matMul', () => {
  const SIZES = [
    [1, 1, 1],
    [1, 9, 1],
    [5, 3, 2],
    [4, 8, 8],
    [7, 13, 9],
    [66, 300, 17],
    [128, 256, 10],
    [3, 1152, 33],
  ] as const;
  const cases = SIZES.flatMap(([m, k, n]) =>
    [0, 1, 2, 3].map((t) => ({ m, k, n, ta: t > 1, tb: t % 2 === 1 })),
  );

  it.each(cases)('$m x $k x $n, transposed $ta $tb', ({ m, k, n, ta, tb }) => {
    const build = (): tf.Tensor[] => {
      const f = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.matMul(a, b, ta, tb);
      const a = ta ? numbers(1, k, m) : numbers(1, m, k);
      const b = tb ? numbers(2, n, k) : numbers(2, k, n);
      return [f(a, b), ...tf.grads(f)([a, b], numbers(3, m, n))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });

  it.each([
    [
      [2, 3],
      [2, 3],
    ],
    [[3], [1]],
    [[1], [4]],
  ] as const)('batches %o and %o', (left, right) => {
    for (const [ta, tb] of [
      [false, false],
      [true, true],
    ] as const) {
      const build = (): tf.Tensor[] => {
        const a = numbers(1, ...left, ...(ta ? [6, 5] : [5, 6]));
        return [tf.matMul(a, numbers(2, ...right, ...(tb ? [7, 6] : [6, 7])), ta, tb)];
      };
      expect(worstDifference(build)).toBeLessThan(TOLERANCE);
    }
  });

  it('broadcasts batches of different rank, which the cpu backend does not', () => {
    const [a, b] = [numbers(1, 2, 1, 5, 6), numbers(2, 3, 6, 7)];
    const tiled = tf.matMul(tf.tile(a, [1, 3, 1, 1]), tf.tile(tf.reshape(b, [1, 3, 6, 7]), [2, 1, 1, 1]));
    const product = tf.matMul(a, b);
    expect(product.shape).toEqual([2, 3, 5, 7]);
    expect(product.arraySync()).toEqual(tiled.arraySync());
  });

  it('refuses matrices whose inner dimensions differ', () => {
    expect(() => tf.matMul(tf.zeros([2, 3]), tf.zeros([4, 2]))).toThrow(/inner/i);
  });
});

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

describe('kernels the wasm backend lacks', () => {
  it('gradient of gather (UnsortedSegmentSum), with repeated indices', () => {
    const build = (): tf.Tensor[] => {
      const indices = tf.tensor1d([0, 2, 2, 4, 0, 2], 'int32');
      return [tf.grad((x: tf.Tensor) => tf.gather(x, indices))(numbers(1, 5, 3), numbers(2, 6, 3))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });

  it('unsortedSegmentSum leaves out ids outside the range', () => {
    const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8]), tf.tensor1d([0, -1, 1, 7], 'int32'), 2);
    expect(sums.arraySync()).toEqual([1, 4]);
  });

  it.each(['ij,jk->ik', 'ij,kj->', 'ij,ij->j'])('einsum %s', (equation) => {
    const build = (): tf.Tensor[] => {
      const [left, right] = equation.startsWith('ij,jk')
        ? [
            [3, 4],
            [4, 5],
          ]
        : [
            [3, 4],
            [3, 4],
          ];
      return [tf.einsum(equation, numbers(1, ...left!), numbers(2, ...right!))];
    };
    expect(worstDifference(build)).toBeLessThan(TOLERANCE);
  });
});
