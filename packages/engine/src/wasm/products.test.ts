import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { numbers, openWasmForTests, worstDifference } from './wasm-fixture.ts';

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
