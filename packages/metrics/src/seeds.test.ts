import { describe, expect, it } from 'vitest';
import {
  applyTemperature,
  argmax,
  binomialNoise,
  compareSeeds,
  fitTemperature,
  MetricsInputError,
  noiseComponents,
  sfc32,
  samplesNeeded,
  summarizeSeeds,
  testBudget,
} from './index.ts';

const bits = sfc32(3);
const uniform = (): number => bits() / 2 ** 32;

describe('seeds', () => {
  it('knows no difference where there is none, and certainty where nothing varies', () => {
    const same = compareSeeds([0.9, 0.92], [0.9, 0.92]);
    expect([same.difference, same.p, same.beatsOnNewSeed, same.pairsWon]).toEqual([0, 1, 0.5, 0.5]);
    expect(same.seedsNeeded).toBeNull();
    expect(compareSeeds([0.9, 0.9], [0.91, 0.91])).toMatchObject({ p: 0, beatsOnNewSeed: 1, seedsNeeded: 2 });
  });

  it('refuses one seed, no seeds and NaN', () => {
    expect(() => compareSeeds([0.9], [0.9, 0.91])).toThrow('at least 2 seeds of each, got 1 of A and 2 of B');
    expect(() => summarizeSeeds([])).toThrow(MetricsInputError);
    expect(() => compareSeeds([0.9, NaN], [0.9, 0.91])).toThrow('score NaN of seed 1 of A');
  });

  it('finds the noise that was put in', () => {
    const [seeds, samples] = [40, 4000];
    const easy = Float64Array.from({ length: samples }, () => (uniform() < 0.8 ? 0.98 : 0.3));
    const correct = Array.from({ length: seeds }, () => {
      const shift = 0.04 * (uniform() - 0.5); // deviation 0.04 / sqrt(12)
      return Uint8Array.from(easy, (p) => (uniform() < p + shift ? 1 : 0));
    });
    const found = noiseComponents(correct);
    expect(found.seedNoise).toBeCloseTo(0.04 / Math.sqrt(12), 2);
    expect(found.sampleNoise ** 2 + found.interaction ** 2).toBeCloseTo(
      binomialNoise(found.accuracy, samples) ** 2,
      5,
    );
    expect(() => noiseComponents([[1, 0], [1]])).toThrow('seed 1 has 1 samples, seed 0 has 2');
    expect(() =>
      noiseComponents([
        [1, 2],
        [1, 0],
      ]),
    ).toThrow('expected 1 or 0');
  });
});

it('bounds what repeated use of a test split can do', () => {
  const [once, often] = [testBudget(1, 10_000), testBudget(20, 10_000)];
  expect(once).toMatchObject({ correctedAlpha: 0.05, decisions: 1 });
  expect(once.sidakAlpha).toBeCloseTo(0.05, 14);
  expect(once.falseAlarm).toBeCloseTo(0.05, 14);
  expect(once.optimism).toBeCloseTo(Math.sqrt(Math.log(40) / 20_000), 14);
  expect(often.correctedAlpha).toBeCloseTo(0.0025, 14);
  expect(often.falseAlarm).toBeCloseTo(1 - 0.95 ** 20, 14);
  expect(often.adaptiveOptimism).toBeGreaterThan(often.optimism);
  let spent = 0;
  for (let k = 1; k <= 100_000; k++) spent += testBudget(k, 10_000).spendingAlpha;
  expect(spent).toBeCloseTo(0.05, 5);
});

it('says how many samples McNemar needs (Connor 1987)', () => {
  // z_0.975 = 1.959964, z_0.8 = 0.841621
  const by = (1.959964 * Math.sqrt(0.03) + 0.841621 * Math.sqrt(0.03 - 0.005 ** 2)) / 0.005;
  expect(samplesNeeded(0.005, 0.03)).toBe(Math.ceil(by ** 2));
  expect(samplesNeeded(0, 0.03)).toBe(Infinity);
  expect(() => samplesNeeded(0.05, 0.03)).toThrow('discordance must lie from |difference| = 0.05');
});

describe('temperature', () => {
  const [count, classes] = [3000, 5];
  const honest = new Float64Array(count * classes);
  const labels = Uint8Array.from({ length: count }, (_, i) => {
    const row = Array.from({ length: classes }, () => (-Math.log(uniform())) ** 3);
    const sum = row.reduce((left, right) => left + right, 0);
    row.forEach((value, c) => (honest[i * classes + c] = value / sum));
    let left = uniform();
    return Math.max(
      0,
      row.findIndex((value) => (left -= value / sum) < 0),
    );
  });

  it('finds how much too sure a model is, and undoes it', () => {
    const overconfident = applyTemperature(honest, classes, 1 / 2.5);
    const { temperature, lossBefore, lossAfter } = fitTemperature(labels, overconfident, classes);
    expect(Math.abs(temperature - 2.5)).toBeLessThan(0.15);
    expect(lossAfter).toBeLessThan(lossBefore);
    const healed = applyTemperature(overconfident, classes, temperature);
    expect(fitTemperature(labels, healed, classes).temperature).toBeCloseTo(1, 4);
    expect(argmax(healed, classes)).toEqual(argmax(overconfident, classes));
  });

  it('refuses a temperature of zero', () => {
    expect(() => applyTemperature(honest, classes, 0)).toThrow('above 0');
  });
});
