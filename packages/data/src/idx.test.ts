import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idx, pixels } from '../test/fixture.ts';
import { parseIdx } from './idx.ts';

describe('parseIdx', () => {
  it('reads back whatever shape was written', () => {
    const shape = fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(shape, fc.option(fc.constant(3)), ([n, h, w], channels) => {
        const dimensions = channels === null ? [n, h, w] : [n, h, w, channels];
        const values = pixels(dimensions.reduce((a, b) => a * b, 1));
        const read = parseIdx(idx(dimensions, values), 'file', 'images');
        expect(read.shape).toEqual(dimensions);
        expect([...read.values]).toEqual([...values]);
      }),
    );
  });

  it.each([
    [
      'labels given as images',
      idx([4], pixels(4)),
      'images',
      /expected images \(0x00000803 or 0x00000804\), got IDX labels \(0x00000801/,
    ],
    [
      'images given as labels',
      idx([1, 2, 2], pixels(4)),
      'labels',
      /expected labels \(0x00000801\), got IDX images/,
    ],
    [
      'other numbers than bytes',
      idx([1, 1, 1], pixels(4), 0x0d),
      'images',
      /got IDX images \(0x00000d03: 3 dimensions of 32-bit floats\)/,
    ],
    ['text', Buffer.from('label,pixel1'), 'labels', /got not IDX \(it begins with 0x6c616265\)/],
    ['an empty file', new Uint8Array(0), 'labels', /got a file of 0 bytes/],
    [
      'a header cut short',
      idx([2, 2, 2], pixels(8)).subarray(0, 9),
      'images',
      /truncated: the header ends after 9 bytes/,
    ],
    [
      'values cut short',
      idx([2, 2, 2], pixels(8)).subarray(0, 20),
      'images',
      /truncated: its header says 2 x 2 x 2, which is 24 bytes, but it has 20/,
    ],
    [
      'trailing bytes',
      idx([2], pixels(3)),
      'labels',
      /too long: its header says 2, which is 10 bytes, but it has 11/,
    ],
  ] as const)('refuses %s', (_, bytes, kind, message) => {
    expect(() => parseIdx(bytes, 'some-file', kind)).toThrow(message);
    expect(() => parseIdx(bytes, 'some-file', kind)).toThrow(/^some-file: /);
  });
});
