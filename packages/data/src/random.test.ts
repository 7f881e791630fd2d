import { describe, expect, it } from 'vitest';
import { murmurFinalizer, randomBits, randomStream, xoshiro128StarStar } from './random.ts';

/** Chi-square of counts against equal shares. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

// 99.9 % point of chi-square with 255 degrees of freedom
const CHI_255 = 330.5;

function byteCounts(words: Uint32Array, shift: number): number[] {
  const counts = new Array<number>(256).fill(0);
  for (const word of words) counts[(word >>> shift) & 255]! += 1;
  return counts;
}

describe('xoshiro128StarStar', () => {
  it('gives the first numbers of the reference implementation for the state 1, 2, 3, 4', () => {
    // the first two by hand: rotl(2 * 5, 7) * 9 = 11520; then s[1] is 0, so 0
    const next = xoshiro128StarStar(Uint32Array.of(1, 2, 3, 4));
    expect([next(), next(), next(), next()]).toEqual([11520, 0, 5927040, 70819200]);
  });
});

describe('murmurFinalizer', () => {
  it('is the published fmix32', () => {
    expect(murmurFinalizer(0)).toBe(0);
    expect(murmurFinalizer(1)).toBe(0x514e28b7);
    expect(murmurFinalizer(2)).toBe(0x30f4c306);
  });
});

describe('randomStream', () => {
  it('repeats for the same seed and path, and differs for another', () => {
    const draw = (...args: Parameters<typeof randomStream>): number[] => {
      const stream = randomStream(...args);
      return Array.from({ length: 8 }, () => stream.uint32());
    };
    expect(draw(1, 'a', 2)).toEqual(draw(1, 'a', 2));
    expect(draw(1, 'a', 2)).not.toEqual(draw(2, 'a', 2));
    expect(draw(1, 'a', 2)).not.toEqual(draw(1, 'a', 3));
    expect(draw(1, 'a', 2)).not.toEqual(draw(1, 'a2'));
  });

  it('keeps the numbers of a seed for ever', () => {
    expect(randomStream(1, 'pinned').uint32()).toMatchInlineSnapshot(`1708591081`);
  });

  it('is uniform below n, with no class missing', () => {
    const stream = randomStream(7, 'below');
    const counts = new Array<number>(256).fill(0);
    for (let i = 0; i < 100_000; i++) counts[stream.below(256)]! += 1;
    expect(chiSquare(counts)).toBeLessThan(CHI_255);
  });

  it('has uniform() in [0, 1) with mean 1/2 and variance 1/12', () => {
    const stream = randomStream(7, 'uniform');
    const values = Array.from({ length: 100_000 }, () => stream.uniform());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('shuffles into every order equally often', () => {
    const stream = randomStream(3, 'orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const values = Uint32Array.of(0, 1, 2, 3);
      stream.shuffle(values);
      counts.set(values.join(''), (counts.get(values.join('')) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 99.9 % point of chi-square with 23 degrees of freedom
    expect(chiSquare([...counts.values()])).toBeLessThan(49.7);
  });
});

describe('randomBits', () => {
  it('depends on the counter alone, not on the length', () => {
    const [short, long] = [new Uint32Array(10), new Uint32Array(1000)];
    randomBits(short, 1, 'mask', 5);
    randomBits(long, 1, 'mask', 5);
    expect(long.subarray(0, 10)).toEqual(short);
  });

  it.each([0, 8, 16, 24])('is uniform in the byte at bit %i', (shift) => {
    const words = new Uint32Array(200_000);
    randomBits(words, 11, 'uniform');
    expect(chiSquare(byteCounts(words, shift))).toBeLessThan(CHI_255);
  });

  it('has streams of neighbouring steps that do not resemble each other at any small shift', () => {
    const [a, b] = [new Uint32Array(20_000), new Uint32Array(20_000)];
    randomBits(a, 1, 'layer', 1);
    randomBits(b, 1, 'layer', 2);
    for (const shift of [0, 1, 2, 7]) {
      let same = 0;
      for (let i = 0; i + shift < a.length; i++) same += (a[i + shift]! ^ b[i]!) & 1 ? 0 : 1;
      expect(same / (a.length - shift)).toBeCloseTo(0.5, 1);
    }
  });
});
