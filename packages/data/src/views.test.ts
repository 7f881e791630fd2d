import { describe, expect, it } from 'vitest';
import type { Split } from './split.ts';
import { meanOf, viewed, viewsOf } from './views.ts';

/** The second and the first image of two, 2 x 3 pixels. */
const split: Split = {
  name: 'test',
  source: {
    images: Uint8Array.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16),
    labels: Uint8Array.of(0, 1),
    ...{ count: 2, height: 2, width: 3, channels: 1 },
  },
  indices: Uint32Array.of(1, 0),
  labels: Uint8Array.of(1, 0),
  count: 2,
};

const pixelsOf = (mirrored: boolean, shift: number): number[] => [
  ...viewed(split, { mirrored, shift }).source.images,
];

describe('views', () => {
  it('are the image alone where nothing is asked, six with mirror and shifts', () => {
    expect(viewsOf(null)).toEqual([{ mirrored: false, shift: 0 }]);
    expect(viewsOf({ flip: true, shift: 0 })).toHaveLength(2);
    expect(viewsOf({ flip: true, shift: 1 })).toHaveLength(6);
    expect(viewsOf({ flip: true, shift: 1 })[0]).toEqual({ mirrored: false, shift: 0 });
  });

  it('mirror left and right, and move along the diagonal', () => {
    expect(pixelsOf(false, 0)).toEqual([11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6]);
    expect(pixelsOf(true, 0)).toEqual([13, 12, 11, 16, 15, 14, 3, 2, 1, 6, 5, 4]);
    expect(pixelsOf(false, 1)).toEqual([0, 0, 0, 0, 11, 12, 0, 0, 0, 0, 1, 2]);
    expect(pixelsOf(false, -1)).toEqual([15, 16, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0]);
    expect(pixelsOf(true, 1)).toEqual([0, 0, 0, 12, 11, 0, 0, 0, 0, 2, 1, 0]);
  });

  it('keep the labels of the split', () => {
    const { labels, indices, count } = viewed(split, { mirrored: true, shift: 1 });
    expect([[...labels], [...indices], count]).toEqual([[1, 0], [0, 1], 2]);
  });

  it('are judged by their mean', () => {
    expect([...meanOf([Float32Array.of(0, 1), Float32Array.of(0.5, 0.5)])]).toEqual([0.25, 0.75]);
  });
});
