import * as tf from '@tensorflow/tfjs-core';

export interface Case {
  readonly images: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly strides: number;
}

/** Shapes that Winograd's filtering takes, with edges that its tiles of 4 x 4 do not meet, and their neighbours that it leaves. */
export const CASES: Case[] = [
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
export function reference(
  { images, filter, pad, strides }: Case,
  x: readonly number[],
  w: readonly number[],
): number[] {
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
