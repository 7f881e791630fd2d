import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { addon, difference, expectRan, forget, resultsOn, type Given, type Operation } from './native.ts';

const shape = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 });
const DTYPES = ['float32', 'int32', 'bool'] as const;
const dtype = fc.constantFrom(...DTYPES);

/** Random shapes with random choices made of them. */
function check<T>(
  choices: (sizes: number[]) => fc.Arbitrary<T>,
  property: (sizes: number[], choice: T) => void,
): void {
  const both = shape.chain((sizes) => fc.tuple(fc.constant(sizes), choices(sizes)));
  fc.assert(
    fc.property(both, ([sizes, choice]) => property(sizes, choice)),
    { numRuns: 50, seed: 11 },
  );
}

function same(given: readonly Given[], operation: Operation, tolerance?: number): void {
  expect(difference(given, operation, tolerance)).toBeUndefined();
}

function orders(rank: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray([...Array(rank).keys()], { minLength: rank });
}

describe.skipIf(!addon)('native reductions', { timeout: 60_000 }, () => {
  beforeEach(forget);

  const axesOf = (sizes: number[]) => fc.tuple(fc.subarray([...sizes.keys()]), fc.boolean());
  const reductions = ['sum', 'mean', 'max', 'min', 'prod'] as const;

  it.each(reductions)('%s over any axes', (name) => {
    check(axesOf, (sizes, [axes, keep]) => {
      same([{ shape: sizes }], (x) => tf[name](x!, axes, keep), 1e-5);
      same([{ shape: sizes, dtype: 'int32', range: [-5, 6] }], (x) => tf[name](x!, axes, keep));
    });
    expectRan(name);
  });

  it.each(['all', 'any'] as const)('%s over any axes', (name) => {
    check(axesOf, (sizes, [axes, keep]) =>
      same([{ shape: sizes, dtype: 'bool' }], (x) => [tf[name](x!, axes, keep), tf.sum(x!, axes)]),
    );
    expectRan(name);
  });

  it('of long tensors, of empty ones and of NaN', () => {
    for (const sizes of [[70001], [20011, 3], [3, 20011], [40, 50, 60], [257, 1, 1025], [0, 3], [3, 0], [0]])
      for (const axis of sizes.keys())
        same([{ shape: sizes }], (x) => [tf.sum(x!, axis), tf.mean(x!, axis)], 2e-4);
    const values = [1, NaN, -Infinity, 3, Infinity, -2, 0];
    same([{ shape: [7, 6], values }], (x) => [0, 1].flatMap((axis) => [tf.max(x!, axis), tf.min(x!, axis)]));
    same([{ shape: [3, 9, 5, 7, 4] }], (x) => [tf.sum(x!, [0, 2, 4]), tf.max(x!, [1, 3])], 1e-5);
  });

  it('places of extremes and running sums along any axis', () => {
    const along = (sizes: number[]) =>
      fc.tuple(fc.nat(Math.max(0, sizes.length - 1)), fc.boolean(), fc.boolean());
    check(along, (sizes, [axis, exclusive, reverse]) => {
      if (sizes.length === 0) return;
      for (const kind of ['float32', 'int32'] as const) {
        const given = [{ shape: sizes, dtype: kind, range: [-4, 4] as const }];
        same(given, (x) => [tf.argMax(x!, axis), tf.argMin(x!, axis)]);
        same(given, (x) => tf.cumsum(x!, axis, exclusive, reverse), 1e-5);
      }
    });
    same([{ shape: [4, 7], values: [1, NaN, 1, 5, 5] }], (x) => [tf.argMax(x!, 1), tf.argMin(x!, 0)]);
    expectRan('argMax', 'argMinInt', 'cumsum', 'cumsumInt');
  });

  it('softmax and its logarithm', () => {
    for (const sizes of [[7], [3, 10], [2, 3, 197], [5, 1], [0, 4]])
      same([{ shape: sizes, range: [-50, 50] }], (x) => [tf.softmax(x!), tf.logSoftmax(x!)], 2e-5);
    same([{ shape: [2, 3], values: [1, NaN, 2, -Infinity, 3, 4] }], (x) => tf.softmax(x!));
    expectRan('softmax');
  });

  it('give the same bits on any number of threads', () => {
    const given: Given[] = [{ shape: [70001, 3] }, { shape: [9, 300, 41] }];
    const operation: Operation = (a, b) => [
      ...[tf.sum(a!, 0), tf.sum(a!), tf.mean(b!, 1), tf.sum(b!, [0, 2]), tf.softmax(b!), tf.sigmoid(a!)],
      ...[tf.maxPool(b! as tf.Tensor3D, 3, 2, 'same'), tf.erf(a!), tf.pow(a!, 3), tf.cumsum(b!, 1)],
    ];
    const bits = [1, 2, 3, 8].map((threads) => {
      addon!.setThreads(threads);
      return resultsOn('onednn', given, operation);
    });
    addon!.setThreads(2);
    for (const other of bits.slice(1)) expect(other).toEqual(bits[0]);
  });
});

describe.skipIf(!addon)('native copies', { timeout: 60_000 }, () => {
  beforeEach(forget);

  it('transpose', () => {
    check(
      (sizes) => fc.tuple(orders(sizes.length), dtype),
      (sizes, [order, kind]) => same([{ shape: sizes, dtype: kind }], (x) => tf.transpose(x!, order)),
    );
    for (const sizes of [
      [67, 131],
      [3, 40, 50],
      [40, 3, 50],
      [0, 4],
    ])
      same([{ shape: sizes }], (x) => [tf.transpose(x!), tf.transpose(x!, [...sizes.keys()])]);
    expectRan('transpose');
  });

  it('slice, reverse and strided slice', () => {
    const box = (sizes: number[]) =>
      fc.tuple(
        fc.tuple(...sizes.map((size) => fc.tuple(fc.nat(size), fc.nat(size)))),
        fc.tuple(...sizes.map(() => fc.constantFrom(1, 2, 3, -1, -2))),
        fc.subarray([...sizes.keys()]),
        dtype,
      );
    check(box, (sizes, [ends, strides, reversed, kind]) => {
      if (sizes.length === 0) return;
      const begin = ends.map((pair) => Math.min(...pair));
      const end = ends.map((pair) => Math.max(...pair));
      const given = [{ shape: sizes, dtype: kind }];
      same(given, (x) =>
        tf.slice(
          x!,
          begin,
          end.map((place, d) => place - begin[d]!),
        ),
      );
      same(given, (x) => tf.reverse(x!, reversed));
      const [from, to] = [0, 1].map((side) =>
        sizes.map((_, d) => (strides[d]! > 0 === (side === 0) ? begin[d]! : end[d]!)),
      );
      same(given, (x) => tf.stridedSlice(x!, from!, to!, strides));
    });
    same([{ shape: [5, 4] }], (x) => tf.stridedSlice(x!, [1, 2], [4, 3], [1, 1], 0, 0, 0, 0, 2));
    expectRan('slice', 'reverse');
  });

  it('concat, stack, unstack, split', () => {
    const choice = (sizes: number[]) =>
      fc.tuple(fc.nat(Math.max(0, sizes.length - 1)), fc.integer({ min: 0, max: 4 }), dtype);
    check(choice, (sizes, [axis, extra, kind]) => {
      const given = [{ shape: sizes, dtype: kind }];
      same([...given, ...given], (a, b) => [tf.stack([a!, b!, a!], axis), tf.stack([a!], axis)]);
      if (sizes.length === 0) return;
      const other = { shape: sizes.with(axis, extra), dtype: kind };
      same([...given, other, ...given], (...tensors) => tf.concat(tensors, axis));
      same(given, (x) => [...tf.unstack(x!, axis), ...tf.split(x!, sizes[axis]!, axis)]);
      same(given, (x) => tf.split(x!, [1, sizes[axis]! - 1], axis));
    });
    expectRan('concat');
  });

  it('pad, mirror, tile', () => {
    const choice = (sizes: number[]) =>
      fc.tuple(
        fc.tuple(...sizes.map(() => fc.tuple(fc.nat(3), fc.nat(3)))),
        fc.tuple(...sizes.map(() => fc.nat(3))),
        dtype,
      );
    check(choice, (sizes, [paddings, reps, kind]) => {
      const given = [{ shape: sizes, dtype: kind }];
      if (sizes.length === 0) return;
      same(given, (x) => tf.pad(x!, paddings, kind === 'bool' ? 1 : -3));
      same(given, (x) => tf.tile(x!, reps));
      for (const mode of ['reflect', 'symmetric'] as const) {
        const most = sizes.map((size) => (mode === 'reflect' ? size - 1 : size));
        const fitting = paddings.map((pair, d) => pair.map((p) => Math.min(p, most[d]!)) as [number, number]);
        same(given, (x) => tf.mirrorPad(x!, fitting, mode));
      }
    });
    expectRan('pad', 'mirrorPad', 'tile');
  });

  it('gather, sums of segments, one-hot, expandDims', () => {
    const choice = (sizes: number[]) =>
      fc.tuple(fc.nat(Math.max(0, sizes.length - 1)), fc.array(fc.nat(100), { maxLength: 7 }), dtype);
    check(choice, (sizes, [axis, places, kind]) => {
      if (sizes.length === 0) return;
      const indices: Given = {
        shape: [places.length],
        dtype: 'int32',
        values: places.map((p) => p % sizes[axis]!),
      };
      same([{ shape: sizes, dtype: kind }, indices], (x, i) => [
        tf.gather(x!, i!, axis),
        tf.expandDims(x!, axis),
      ]);
      const segments: Given = { shape: [sizes[0]!], dtype: 'int32', values: [2, 0, 5, 2] };
      same([{ shape: sizes }, segments], (x, s) => tf.unsortedSegmentSum(x!, s as tf.Tensor1D, 4), 1e-5);
    });
    const batched: Given = { shape: [3, 4], dtype: 'int32', values: [1, 0, 1, 1, 0] };
    same([{ shape: [3, 2, 5] }, batched], (x, i) => tf.gather(x!, i!, 1, 1));
    const hot: Given = { shape: [2, 3], dtype: 'int32', values: [0, 4, -1, 2, 9] };
    same([hot], (i) => [tf.oneHot(i!, 4), tf.oneHot(i!, 5, 0.5, -1, 'float32')]);
    expectRan('gather', 'segmentSum', 'oneHot');
  });

  it('gather refuses an index out of range', () => {
    tf.setBackend('onednn');
    tf.tidy(() => {
      const gathered = (index: number) => () => tf.gather(tf.ones([3, 2]), tf.tensor1d([0, index], 'int32'));
      expect(gathered(3)).toThrow('GatherV2: the index value 3 is not in [0, 2]');
      expect(gathered(-1)).toThrow('GatherV2: the index value -1 is not in [0, 2]');
    });
  });
});
