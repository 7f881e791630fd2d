import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { addon, difference, expectRan, forget, type Given, type Operation } from './native.ts';

function same(given: readonly Given[], operation: Operation, tolerance?: number): void {
  expect(difference(given, operation, tolerance)).toBeUndefined();
}

type Image = tf.Tensor4D;

describe.skipIf(!addon)('native image kernels', { timeout: 60_000 }, () => {
  beforeEach(forget);

  const pools = fc.record({
    images: fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 3, 17, 66),
    ),
    window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  });

  it.each(['maxPool', 'avgPool'] as const)('%s and its gradient', (name) => {
    const property = fc.property(pools, ({ images, window, strides, pad }) => {
      fc.pre(pad === 'same' || (images[1]! >= window[0]! && images[2]! >= window[1]!));
      const pooled = (x: tf.Tensor): tf.Tensor => tf[name](x as Image, window, strides, pad);
      const weighted = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(pooled(x)));
      same([{ shape: images }], (x) => [pooled(x!), tf.grad(weighted)(x!)], 1e-5);
      same([{ shape: images, values: [1, 1, 2, 0] }], (x) => tf.grad(weighted)(x!), 1e-5);
    });
    fc.assert(property, { numRuns: 25, seed: 5 });
    expectRan(name, `${name}Gradient`);
  });

  it('pools explicit padding and NaN', () => {
    const pad = [
      [0, 0],
      [1, 0],
      [0, 2],
      [0, 0],
    ] as [number, number][];
    same(
      [{ shape: [1, 5, 6, 3] }],
      (x) => [
        tf.maxPool(x as Image, [3, 2], 1, pad as never),
        tf.avgPool(x as Image, [3, 2], 1, pad as never),
      ],
      1e-5,
    );
    same([{ shape: [1, 4, 4, 1], values: [NaN, 1, 2] }], (x) => tf.maxPool(x as Image, 2, 2, 'valid'));
  });

  const corners = [
    [false, false],
    [true, false],
    [false, true],
  ] as const;
  const sizes = [
    [4, 6],
    [7, 5],
    [3, 3],
    [13, 1],
    [1, 9],
    [2, 2],
  ] as [number, number][];

  it.each(corners)('resizes, corners aligned %s, half pixels %s', (align, half) => {
    for (const size of sizes) {
      same([{ shape: [2, 5, 4, 3] }], (x) => [
        tf.image.resizeBilinear(x as Image, size, align, half),
        tf.image.resizeNearestNeighbor(x as Image, size, align, half),
      ]);
    }
    expectRan('resizeBilinear', 'resizeNearest');
  });

  // both are linear: <resize(x), dy> = <x, gradient(dy)> for any x and dy. The cpu kernels' gradients do not hold this.
  it.each(corners)(
    'gradients of resizing are its transpose, corners aligned %s, half pixels %s',
    (align, half) => {
      tf.setBackend('onednn');
      for (const name of ['resizeBilinear', 'resizeNearestNeighbor'] as const)
        for (const size of sizes)
          tf.tidy(() => {
            const x = tf.randomNormal([2, 5, 4, 3], 0, 1, 'float32', 1) as Image;
            const dy = tf.randomNormal([2, ...size, 3], 0, 1, 'float32', 2);
            const resized = (images: tf.Tensor): tf.Tensor =>
              tf.image[name](images as Image, size, align, half);
            const left = tf.sum(tf.mul(resized(x), dy)).dataSync()[0]!;
            const gradient = tf.grad((images: tf.Tensor) => tf.sum(tf.mul(resized(images), dy)))(x);
            expect(gradient.shape).toEqual(x.shape);
            expect(tf.sum(tf.mul(x, gradient)).dataSync()[0]!).toBeCloseTo(left, 3);
          });
      expectRan('resizeBilinearGradient', 'resizeNearestGradient');
    },
  );

  it('normalizes with known statistics', () => {
    const vector: Given = { shape: [6], range: [0.1, 2] };
    const given = [{ shape: [2, 3, 4, 6] }, vector, vector, vector, vector];
    same(
      given,
      (x, mean, variance, offset, scale) => [
        tf.batchNorm(x!, mean as never, variance as never, offset as never, scale as never, 1e-3),
        tf.batchNorm(x!, mean as never, variance as never),
      ],
      1e-5,
    );
    expectRan('batchNorm');
  });
});
