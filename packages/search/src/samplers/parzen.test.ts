import { randomStream } from '@atelier/data';
import { describe, expect, it } from 'vitest';
import { domain } from '../space-domain.ts';
import { ParameterSpec } from '../space.ts';
import { axisOf } from './axis.ts';
import { type KernelSettings, type Observations, ageWeights } from './kernel-widths.ts';
import { ParzenEstimator } from './parzen.ts';

const settings: KernelSettings = {
  bandwidth: 'neighbours',
  endpoints: false,
  magicClip: true,
  priorWeight: 1,
};

function observe(spec: object, values: readonly unknown[]): Observations {
  const axis = axisOf(domain('p', ParameterSpec.parse(spec)));
  const models = Float64Array.from(values, (value) => axis.toModel(value));
  return {
    axis,
    values: models,
    sorted: Int32Array.from(models.keys()).sort((a, b) => models[a]! - models[b]!),
  };
}

const stream = randomStream(1, 'observations');
const drawn = (n: number, of: (u: number) => unknown): unknown[] =>
  Array.from({ length: n }, () => of(stream.uniform() ** 2));

/** Chi-square of counts against expected ones, per degree of freedom. */
function misfit(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, c, i) => sum + (c - expected[i]!) ** 2 / expected[i]!, 0) / (counts.length - 1);
}
const SAMPLES = 20_000;

describe('samples of a Parzen estimator', () => {
  it.each([0, 1, 12, 300])('follow the density on a float axis with %i observations', (n) => {
    const observations = observe(
      { kind: 'float', low: -1, high: 1 },
      drawn(n, (u) => 2 * u - 1),
    );
    const estimator = new ParzenEstimator([observations], ageWeights(n), settings);
    const cells = 40;
    const counts = new Array<number>(cells).fill(0);
    for (let i = 0; i < SAMPLES; i++)
      counts[Math.floor(((estimator.sample(stream)[0]! + 1) / 2) * cells)]! += 1;
    // Simpson's rule within each cell
    const expected = counts.map((_, i) => {
      const at = (x: number): number => Math.exp(estimator.logDensity([x]));
      const [from, width] = [-1 + (2 * i) / cells, 2 / cells];
      let sum = 0;
      for (let k = 0; k <= 20; k++)
        sum += at(from + (width * k) / 20) * (k === 0 || k === 20 ? 1 : k % 2 === 1 ? 4 : 2);
      return ((sum * width) / 60) * SAMPLES;
    });
    expect(expected.reduce((a, b) => a + b, 0)).toBeCloseTo(SAMPLES, -1);
    // 99.99 % point of chi-square with 39 degrees of freedom, over 39
    expect(misfit(counts, expected)).toBeLessThan(2.06);
  });

  it.each([
    ['a choice', { kind: 'choice', values: ['a', 'b', 'c'] }, (u: number) => 'abc'[Math.floor(u * 3)]],
    [
      'a stepped float',
      { kind: 'float', low: 0, high: 1, step: 0.125 },
      (u: number) => Math.floor(u * 9) / 8,
    ],
    ['a log int', { kind: 'int', low: 1, high: 12, log: true }, (u: number) => 1 + Math.floor(u * 12)],
  ] as const)('follow the masses of %s, which add up to one', (_, spec, of) => {
    const observations = observe(spec, drawn(40, of));
    const estimator = new ParzenEstimator([observations], ageWeights(40), settings);
    const { axis } = observations;
    const points = Array.from({ length: axis.domain.count }, (__, i) => axis.toModel(axis.domain.at(i)));
    const masses = points.map((x) => Math.exp(estimator.logDensity([x])));
    expect(masses.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    const counts = points.map(() => 0);
    for (let i = 0; i < SAMPLES; i++)
      counts[axis.domain.indexOf(axis.toValue(estimator.sample(stream)[0]!))]! += 1;
    // above the 99.9 % points of 2 to 11 degrees of freedom
    expect(
      misfit(
        counts,
        masses.map((mass) => mass * SAMPLES),
      ),
    ).toBeLessThan(6.9);
  });

  it('keep the axes of one observation together', () => {
    const float = { kind: 'float', low: 0, high: 1 };
    const xs = drawn(200, (u) => u) as number[];
    const pair = [
      observe(float, xs),
      observe(
        float,
        xs.map((x) => 1 - x),
      ),
    ];
    const estimator = new ParzenEstimator(pair, ageWeights(200), settings);
    const off = Array.from({ length: 2000 }, () => estimator.sample(stream)).filter(
      ([x, y]) => Math.abs(x! + y! - 1) > 0.2,
    );
    // the prior alone strays: 1 of 113 parts of weight
    expect(off.length).toBeLessThan(60);
  });

  it('have the density that all kernels add up to, near and far', () => {
    const float = { kind: 'float', low: 0, high: 1 };
    const xs = drawn(500, (u) => u) as number[];
    const ys = drawn(500, (u) => u) as number[];
    const estimator = new ParzenEstimator(
      [observe(float, xs), observe(float, ys)],
      new Float64Array(500).fill(1),
      { ...settings, bandwidth: 'scott' },
    );
    const width = Math.max(0.2 * 500 ** (-1 / 6), 1 / 100);
    const density = (x: number, c: number, w: number): number => {
      const bell = (z: number): number => Math.exp(-0.5 * z * z);
      // the mass within the range, by the trapezium rule
      let mass = 0;
      for (let k = 0; k <= 2000; k++) mass += bell((k / 2000 - c) / w) * (k % 2000 === 0 ? 0.5 : 1);
      return bell((x - c) / w) / (mass / 2000);
    };
    for (const [x, y] of [
      [0.01, 0.02],
      [0.5, 0.5],
      [0.99, 0.97],
      [0, 1],
    ] as const) {
      let sum = density(x, 0.5, 1) * density(y, 0.5, 1);
      xs.forEach((cx, i) => (sum += density(x, cx, width) * density(y, ys[i]!, width)));
      expect(estimator.logDensity([x, y])).toBeCloseTo(Math.log(sum / 501), 4);
    }
  });
});
