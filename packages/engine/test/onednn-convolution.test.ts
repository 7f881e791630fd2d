import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { hasNative, home } from './native-home.ts';
import { numbers } from './training-op-cases.ts';

interface Case {
  readonly images: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly strides: number;
}

/** Shapes that Winograd's filtering takes, with edges that its tiles of 4 x 4 do not meet, and their neighbours that it leaves. */
const CASES: Case[] = [
  { images: [2, 14, 14, 32], filter: [3, 3, 32, 64], pad: 'same', strides: 1 },
  { images: [3, 7, 7, 64], filter: [3, 3, 64, 32], pad: 'same', strides: 1 },
  { images: [2, 9, 6, 16], filter: [3, 3, 16, 32], pad: 'valid', strides: 1 },
  { images: [1, 5, 13, 48], filter: [3, 3, 48, 16], pad: 'same', strides: 1 },
  { images: [1, 4, 4, 16], filter: [3, 3, 16, 16], pad: 2, strides: 1 },
  { images: [5, 8, 8, 16], filter: [3, 3, 16, 16], pad: 'same', strides: 2 },
  { images: [2, 28, 28, 1], filter: [3, 3, 1, 32], pad: 'same', strides: 1 },
  { images: [2, 11, 8, 3], filter: [5, 3, 3, 7], pad: 'same', strides: 1 },
];

/** Sums in double, by the definition. */
function reference({ images, filter, pad, strides }: Case, x: number[], w: number[]): number[] {
  const { padInfo, outHeight, outWidth } = tf.backend_util.computeConv2DInfo(
    images,
    filter,
    strides,
    1,
    pad,
    'floor',
  );
  const [n, height, width, channels] = images;
  const [rows, columns, , outputs] = filter;
  const y: number[] = [];
  for (let b = 0; b < n; b++)
    for (let r = 0; r < outHeight; r++)
      for (let c = 0; c < outWidth; c++)
        for (let o = 0; o < outputs; o++) {
          let sum = 0;
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < columns; j++) {
              const [h, v] = [r * strides + i - padInfo.top, c * strides + j - padInfo.left];
              if (h < 0 || h >= height || v < 0 || v >= width) continue;
              for (let k = 0; k < channels; k++)
                sum +=
                  x[((b * height + h) * width + v) * channels + k]! *
                  w[((i * columns + j) * channels + k) * outputs + o]!;
            }
          y.push(sum);
        }
  return y;
}

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
  beforeAll(() => openEngine({ name: 'onednn', home }));

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
