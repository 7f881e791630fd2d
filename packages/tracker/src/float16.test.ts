import { expect, it } from 'vitest';
import { decodeHalves, encodeHalves, toHalf } from './float16.ts';

it.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [65519.996, 0x7bff],
  [65520, 0x7c00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * 1.001, 0x0001],
  [0.99951171875, 0x3bff],
  [0.9998, 0x3c00],
  [Infinity, 0x7c00],
  [-Infinity, 0xfc00],
  [NaN, 0x7e00],
])('%f has the bits of IEEE 754 binary16', (value, half) => {
  expect(toHalf(value)).toBe(half);
});

it('brings all 65,536 halves back to themselves', () => {
  const bytes = Buffer.from(Uint16Array.from({ length: 65_536 }, (_, half) => half).buffer);
  const again = encodeHalves(decodeHalves(bytes));
  for (let half = 0; half < 65_536; half++) {
    const isNaNHalf = (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    const found = again.readUInt16LE(half * 2);
    if (isNaNHalf ? (found & 0x7fff) <= 0x7c00 : found !== half) expect(found).toBe(half);
  }
});

it('goes to the nearest half, ties to even, for numbers between neighbours', () => {
  for (let half = 0; half < 0x7bff; half++) {
    const [low, high] = decodeHalves(Buffer.from(Uint16Array.of(half, half + 1).buffer));
    const middle = (low! + high!) / 2;
    if (toHalf(middle) !== half + (half % 2)) expect.fail(`${middle} went to ${toHalf(middle)}`);
    if (toHalf(middle * (1 + 2 ** -20)) !== half + 1) expect.fail(`above ${middle}`);
    if (toHalf(middle * (1 - 2 ** -20)) !== half) expect.fail(`below ${middle}`);
  }
});
