import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootstrapRuns,
  compareRuns,
  compareSeeds,
  Jackknife,
  noiseComponents,
  seedVerdict,
  summarizeSeeds,
} from './index.ts';

/** Every statistic that divides by a spread: what is equal is equal, whatever rounding makes of sums. */
const SETTINGS = { seed: 20261201, numRuns: 500 };
const share = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(10_000).map((hits) => hits / 10_000),
);
const many = fc.integer({ min: 2, max: 40 });

describe('seeds that all scored the same', () => {
  it('differ by exactly nothing, however many there are of each', () => {
    const property = fc.property(share, many, many, (value, a, b) => {
      const found = compareSeeds(Array<number>(a).fill(value), Array<number>(b).fill(value));
      expect(found).toMatchObject({ difference: 0, p: 1, beatsOnNewSeed: 0.5, seedsNeeded: null });
      expect(found.interval).toEqual({ low: 0, high: 0 });
      expect(seedVerdict(found).outcome).toBe('undecided');
    });
    fc.assert(property, SETTINGS);
  });

  it('have no spread, and their own score as mean', () => {
    const property = fc.property(share, many, (value, seeds) => {
      const found = summarizeSeeds(Array<number>(seeds).fill(value));
      expect(found).toEqual({ seeds, mean: value, deviation: 0, interval: { low: value, high: value } });
    });
    fc.assert(property, SETTINGS);
  });
});

it('the same scores in another order, or each twice, are the same recipe', () => {
  const scores = fc.array(share, { minLength: 2, maxLength: 20 });
  const property = fc.property(scores, (a) => {
    for (const b of [a.toReversed(), a.toSorted((x, y) => x - y), [...a, ...a]]) {
      expect(compareSeeds(a, b)).toMatchObject({ difference: 0, p: 1 });
    }
  });
  fc.assert(property, SETTINGS);
});

it('a difference of one sample is not taken for rounding', () => {
  expect(compareSeeds([0.9, 0.9], [0.90001, 0.90001])).toMatchObject({ p: 0, beatsOnNewSeed: 1 });
});

it('rows that are equal have no seed noise and no interaction', () => {
  const rows = fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 60 });
  const property = fc.property(rows, fc.integer({ min: 2, max: 9 }), (row, seeds) => {
    const found = noiseComponents(Array.from({ length: seeds }, () => row));
    expect([found.seedNoise, found.interaction]).toEqual([0, 0]);
  });
  fc.assert(property, SETTINGS);
});

it('a jackknife that does not vary has no acceleration', () => {
  const property = fc.property(share, fc.integer({ min: 1, max: 50 }), (value, count) => {
    const jackknife = new Jackknife();
    for (let i = 0; i < count; i++) jackknife.add(value, 3);
    expect(jackknife.acceleration()).toBe(0);
  });
  fc.assert(property, SETTINGS);
});

it('two runs of the same answers differ in nothing', () => {
  const answers = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 40 });
  const property = fc.property(answers, (pairs) => {
    const [labels, predicted] = [pairs.map(([label]) => label), pairs.map(([, answer]) => answer)];
    const ledger = { labels, predictedA: predicted, predictedB: predicted };
    const { macroF1, accuracy } = bootstrapRuns({ ...ledger, classes: 3 }, { bootstraps: 100 });
    for (const { difference } of [macroF1, accuracy]) {
      expect(difference).toMatchObject({ estimate: 0, bca: { low: 0, high: 0 } });
    }
    const evidence = compareRuns({ ...ledger, classNames: ['a', 'b', 'c'], bootstraps: 100 });
    expect(evidence.accuracy).toMatchObject({ estimate: 0, midP: 1, exactP: 1, samplesNeeded: null });
    for (const { recall, p } of evidence.classes) expect([recall?.difference ?? 0, p]).toEqual([0, 1]);
  });
  fc.assert(property, { ...SETTINGS, numRuns: 60 });
});
