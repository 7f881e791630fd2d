import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { CASES, reference } from './convolution-reference.ts';
import { hasNative } from './has-native.ts';
import { numbers } from './training-ops/figures.ts';

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Root of the mean square. */
function norm(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values) / values.length);
}

describe.runIf(hasNative)('convolutions on onednn', () => {
  beforeAll(() => openEngine({ name: 'onednn' }));

  it.each(CASES)('$images by $filter, pad $pad, stride $strides', (shape) => {
    const size = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
    const [xs, ws] = [numbers(1, size(shape.images)), numbers(2, size(shape.filter))];
    const expected = reference(shape, xs, ws);
    tf.tidy(() => {
      const [x, w] = [tf.tensor4d(xs, shape.images), tf.tensor4d(ws, shape.filter)];
      const convolve = (x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D =>
        tf.conv2d(x, w, shape.strides, shape.pad, 'NHWC', 1);
      const y = convolve(x, w);
      const got = y.dataSync();
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - got[i]!)));
      expect(worst / norm(expected)).toBeLessThan(1e-4);

      // a convolution is linear in each argument: <conv(dx, w), dy> = <dx, grad_x>, and the same for the filter
      const dys = numbers(3, expected.length);
      const dy = tf.tensor4d(dys, y.shape);
      const [dx, dw] = tf.grads((x, w) => convolve(x as tf.Tensor4D, w as tf.Tensor4D))([x, w], dy);
      const [alongX, alongW] = [numbers(4, xs.length), numbers(5, ws.length)];
      const scale = norm(expected) * norm(dys) * Math.sqrt(expected.length);
      const throughX = dot(reference(shape, alongX, ws), dys);
      expect(Math.abs(throughX - dot(alongX, dx!.dataSync())) / scale).toBeLessThan(1e-4);
      const throughW = dot(reference(shape, xs, alongW), dys);
      expect(Math.abs(throughW - dot(alongW, dw!.dataSync())) / scale).toBeLessThan(1e-4);
    });
  });
});
