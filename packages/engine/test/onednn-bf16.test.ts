import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  captureStep,
  openEngine,
  parameterUpdate,
  updateHyper,
  updateRule,
  type Engine,
} from '../src/index.ts';
import type { OnednnBackend } from '../src/onednn/backend.ts';
import { HALF_UNIT, roundToBf16 } from './bf16.ts';
import { CASES, reference, type Case } from './convolution-reference.ts';
import { hasNative } from './has-native.ts';
import { Network, plainly } from './step-network.ts';
import { numbers } from './training-ops/figures.ts';

const size = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const rounded = (values: readonly number[]): number[] => values.map(roundToBf16);
const magnitudes = (values: readonly number[]): number[] => values.map(Math.abs);

/**
 * What a sum in fp32 of exact products may be off by: half a unit for each of its terms at most, and Winograd's filtering
 * multiplies that by what its transforms add up (Lavin and Gray 2016: 1e-4 of the operands' scale for F(4 x 4, 3 x 3)).
 */
function sumTolerance(terms: number, magnitude: number, largest: number, winograd: boolean): number {
  return winograd ? 1e-4 * largest : terms * 2 ** -24 * magnitude;
}

function worst(
  got: ArrayLike<number>,
  expected: readonly number[],
  tolerance: (i: number) => number,
): number {
  return Math.max(...expected.map((value, i) => Math.abs(got[i]! - value) / tolerance(i)));
}

const takesWinograd = ({ filter: [rows, columns, channels, outputs], strides }: Case): boolean =>
  rows === 3 && columns === 3 && strides === 1 && channels % 16 === 0 && outputs % 16 === 0;

describe.runIf(hasNative)('bf16 on onednn', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ name: 'onednn', precision: 'bf16' });
  });
  const backend = (): OnednnBackend => tf.backend() as unknown as OnednnBackend;

  it('says how this machine has it', () => {
    expect(engine.precision).toBe('bf16');
    expect(engine.arithmetic).toMatch(/^bf16, (rounded in software: .+|multiplied by the CPU \(.+\))$/);
  });

  it('refuses to become fp32 within one process', async () => {
    await expect(openEngine({ name: 'onednn', precision: 'fp32' })).rejects.toMatchObject({
      code: 'ENGINE_BUSY',
    });
  });

  it.each(CASES)('convolves $images by $filter, pad $pad, stride $strides', (shape) => {
    const [xs, ws] = [numbers(1, size(shape.images)), numbers(2, size(shape.filter))];
    const expected = reference(shape, rounded(xs), rounded(ws));
    const sums = reference(shape, magnitudes(rounded(xs)), magnitudes(rounded(ws)));
    const terms = size(shape.filter.slice(0, 3));
    const largest = Math.max(...magnitudes(expected));
    const winograd = takesWinograd(shape);
    tf.tidy(() => {
      const [x, w] = [tf.tensor4d(xs, shape.images), tf.tensor4d(ws, shape.filter)];
      const y = tf.conv2d(x, w, shape.strides, shape.pad, 'NHWC', 1);
      const got = y.dataSync();
      const tolerance = (i: number): number =>
        HALF_UNIT * Math.abs(expected[i]!) + 1.01 * sumTolerance(terms, sums[i]!, largest, winograd);
      expect(worst(got, expected, tolerance)).toBeLessThanOrEqual(1);
      expect([...got]).toEqual(rounded([...got]));
    });
  });

  it.each(CASES)('takes gradients of $images by $filter, pad $pad, stride $strides', (shape) => {
    const [xs, ws] = [numbers(1, size(shape.images)), numbers(2, size(shape.filter))];
    tf.tidy(() => {
      const [x, w] = [tf.tensor4d(xs, shape.images), tf.tensor4d(ws, shape.filter)];
      const convolve = (x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D =>
        tf.conv2d(x, w, shape.strides, shape.pad, 'NHWC', 1);
      const dys = numbers(3, convolve(x, w).size);
      const dy = tf.tensor4d(dys, convolve(x, w).shape);
      const [dx, dw] = tf.grads((x, w) => convolve(x as tf.Tensor4D, w as tf.Tensor4D))([x, w], dy);
      // a convolution is linear in each argument, so one number of a gradient is <conv(one place), dy>
      const along = (which: 'x' | 'w', count: number, at: number, absolute: boolean): number => {
        const one = Array.from({ length: count }, (_, i) => Number(i === at));
        const of = (values: readonly number[]): number[] => (absolute ? magnitudes(values) : [...values]);
        const y =
          which === 'x' ? reference(shape, one, of(rounded(ws))) : reference(shape, of(rounded(xs)), one);
        const slopes = of(rounded(dys));
        return y.reduce((sum, value, i) => sum + value * slopes[i]!, 0);
      };
      const winograd = takesWinograd(shape);
      for (const [which, gradient, kept] of [
        ['x', dx!.dataSync(), HALF_UNIT],
        ['w', dw!.dataSync(), 0],
      ] as const) {
        const places = Array.from({ length: 12 }, (_, i) => Math.floor(((i + 0.5) / 12) * gradient.length));
        const expected = places.map((at) => along(which, gradient.length, at, false));
        const sums = places.map((at) => along(which, gradient.length, at, true));
        const terms = which === 'x' ? size(shape.filter) / shape.filter[2] : dys.length / shape.filter[3];
        const largest = Math.max(...magnitudes([...gradient]));
        const tolerance = (i: number): number =>
          kept * Math.abs(expected[i]!) + 1.01 * sumTolerance(terms, sums[i]!, largest, winograd);
        const got = places.map((at) => gradient[at]!);
        expect(worst(got, expected, tolerance)).toBeLessThanOrEqual(1);
      }
    });
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('multiplies matrices, transposed: %s and %s', (transposeA, transposeB) => {
    const [m, k, n] = [13, 70, 21];
    const [as, bs] = [numbers(11, m * k), numbers(12, k * n)];
    const [a, b] = [rounded(as), rounded(bs)];
    const term = (row: number, column: number, at: number): number =>
      a[transposeA ? at * m + row : row * k + at]! * b[transposeB ? column * k + at : at * n + column]!;
    const all = Array.from({ length: m * n }, (_, i) =>
      Array.from({ length: k }, (_, at) => term(Math.floor(i / n), i % n, at)),
    );
    const total = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0);
    const expected = all.map(total);
    tf.tidy(() => {
      const product = tf.matMul(
        tf.tensor2d(as, transposeA ? [k, m] : [m, k]),
        tf.tensor2d(bs, transposeB ? [n, k] : [k, n]),
        transposeA,
        transposeB,
      );
      const got = product.dataSync();
      const tolerance = (i: number): number => sumTolerance(k, total(magnitudes(all[i]!)), 0, false);
      expect(worst(got, expected, tolerance)).toBeLessThanOrEqual(1);
      // a product that may be a gradient or an answer is fp32
      expect([...got]).not.toEqual(rounded([...got]));
    });
  });

  it('rounds operands and not sums', () => {
    tf.tidy(() => {
      // 1 + 2^-8 lies between two of bf16's numbers and goes to the even one, 1
      const ones = tf.fill([1, 300], 1 + 2 ** -8) as tf.Tensor2D;
      expect(tf.matMul(ones, ones, false, true).dataSync()[0]).toBe(300);
      // 257 has nine digits: the sum keeps it, an activation does not
      const row = tf.fill([1, 257], 1) as tf.Tensor2D;
      expect(tf.matMul(row, row, false, true).dataSync()[0]).toBe(257);
      const hidden = tf.fused.matMul({ a: row, b: row, transposeB: true, activation: 'relu' });
      expect(hidden.dataSync()[0]).toBe(256);
    });
  });

  it('keeps parameters in fp32: updates smaller than a step of bf16 add up', async () => {
    const weight = tf.tidy(() => tf.variable(tf.ones([1, 1])));
    const rule = updateRule('sgd');
    const update = parameterUpdate([weight], rule);
    const step = captureStep(({ x, hyper }) => {
      const product = () =>
        tf.sum(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor as tf.Tensor2D)) as tf.Scalar;
      const { value, grads } = tf.variableGrads(product, [weight]);
      update.apply([grads[weight.name]!], hyper as tf.Tensor1D);
      return { loss: value };
    });
    const losses: number[] = [];
    for (let i = 1; i <= 40; i++) {
      const hyper = { values: updateHyper(rule, i, 2 ** -12), shape: [4] };
      const { loss } = await step.run({ x: { values: Float32Array.of(1), shape: [1, 1] }, hyper });
      losses.push(loss![0]!);
    }
    expect(step.captured).toBe(true);
    expect(weight.dataSync()[0]).toBe(1 - 40 * 2 ** -12);
    // below 1, bf16 has steps of 2^-8: the product sees 1, then 1 - 2^-8, then 1 - 2^-7, ties going to the even one
    expect(new Set(losses)).toEqual(new Set([1, 1 - 2 ** -8, 1 - 2 ** -7]));
    step.dispose();
    update.dispose();
    weight.dispose();
  });

  it('captures what the same ops give one by one, and again the same bits', async () => {
    const before = tf.memory().numTensors;
    const runs: { losses: number[]; digest: string }[] = [];
    for (let run = 0; run < 2; run++) {
      const network = new Network();
      const losses = await network.losses(5);
      expect(network.step.captured).toBe(true);
      runs.push({ losses, digest: network.digest() });
      network.dispose();
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).toEqual(await plainly(5));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('captures anew where products multiply in another way', async () => {
    const bf16 = backend().products;
    const step = captureStep(({ a }) => ({ y: tf.matMul(a as tf.Tensor2D, a as tf.Tensor2D) }));
    const run = async (): Promise<number> =>
      (await step.run({ a: { values: Float32Array.of(1 + 2 ** -9), shape: [1, 1] } }))['y']![0]!;
    const seen: number[] = [];
    for (const products of [bf16, 'fp32', bf16, 'fp32'] as const) {
      backend().products = products;
      seen.push(await run());
    }
    backend().products = bf16;
    expect(seen).toEqual([1, Math.fround((1 + 2 ** -9) ** 2), 1, Math.fround((1 + 2 ** -9) ** 2)]);
    step.dispose();
  });

  it('gives JavaScript floats, and takes them back, whatever lies beneath', () => {
    tf.tidy(() => {
      const x = tf.tensor4d(numbers(21, 2 * 6 * 6 * 3), [2, 6, 6, 3]);
      const y = tf.conv2d(x, tf.tensor4d(numbers(22, 9 * 3 * 5), [3, 3, 3, 5]), 1, 'same');
      const values = y.dataSync();
      expect(values).toBeInstanceOf(Float32Array);
      // a kernel of JavaScript's, native ones that know no bf16, and a variable made of it
      expect(tf.mul(y, 2).dataSync()).toEqual(values.map((value) => value * 2));
      expect(tf.transpose(y, [0, 3, 1, 2]).dataSync().length).toBe(values.length);
      expect(tf.concat([y, y], 3).dataSync()[5]).toBe(values[0]);
      expect(tf.cast(y, 'bool').dataSync()).toEqual(Uint8Array.from(values, (value) => Number(value !== 0)));
      expect(tf.cumprod(y, 3).dataSync()[0]).toBe(values[0]);
      const variable = tf.variable(y);
      variable.assign(tf.add(variable, 1));
      expect(variable.dataSync()).toEqual(values.map((value) => Math.fround(value + 1)));
      variable.dispose();
    });
  });
});
