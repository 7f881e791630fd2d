import { describe, expect, it } from 'vitest';
import { SearchSpace } from '../space.ts';
import type { Parameters } from '../trial.ts';
import { createSampler } from './create.ts';

const space = SearchSpace.parse({
  parameters: {
    choice: { kind: 'choice', values: ['a', 'b', 'c', 'a'] },
    float: { kind: 'float', low: -2, high: 3 },
    log: { kind: 'float', low: 1e-4, high: 1, log: true },
    step: { kind: 'float', low: 0, high: 1, step: 0.25 },
    int: { kind: 'int', low: 3, high: 17, step: 4 },
    logInt: { kind: 'int', low: 1, high: 8, log: true },
    only: { kind: 'float', low: 0, high: 1, when: { choice: 'a' } },
  },
});
const N = 12_000;
const sampler = createSampler({ kind: 'random' }, { space, objectives: [], seed: 11 });
const points: Parameters[] = Array.from({ length: N }, (_, i) => sampler.suggest([], i)!);
const column = (path: string): number[] => points.map((p) => p[path] as number);

/** Largest distance of the sorted values' empirical distribution from the uniform one, times sqrt(n). */
function kolmogorov(uniform: readonly number[]): number {
  const sorted = [...uniform].sort((a, b) => a - b);
  const n = sorted.length;
  return Math.sqrt(n) * Math.max(...sorted.map((u, i) => Math.max((i + 1) / n - u, u - i / n)));
}
// 99.9 % point of the Kolmogorov distribution
const KOLMOGOROV = 1.949;

function chiSquare(values: readonly unknown[], shares: Record<string, number>): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual(Object.keys(shares).sort());
  return Object.entries(shares).reduce((sum, [value, share]) => {
    const expected = share * values.length;
    return sum + (counts.get(value)! - expected) ** 2 / expected;
  }, 0);
}

describe('random', () => {
  it('is uniform in floats, and in the logarithm of log floats', () => {
    expect(kolmogorov(column('float').map((x) => (x + 2) / 5))).toBeLessThan(KOLMOGOROV);
    expect(kolmogorov(column('log').map((x) => Math.log(x / 1e-4) / Math.log(1e4)))).toBeLessThan(KOLMOGOROV);
  });

  it('gives steps, ints and different choices equal shares', () => {
    // 99.9 % points of chi-square with 4, 3 and 2 degrees of freedom
    expect(chiSquare(column('step'), { 0: 0.2, 0.25: 0.2, 0.5: 0.2, 0.75: 0.2, 1: 0.2 })).toBeLessThan(18.5);
    expect(chiSquare(column('int'), { 3: 0.25, 7: 0.25, 11: 0.25, 15: 0.25 })).toBeLessThan(16.3);
    expect(chiSquare(column('choice'), { a: 1 / 3, b: 1 / 3, c: 1 / 3 })).toBeLessThan(13.8);
  });

  it('gives a log int the share of its interval n - 1/2 .. n + 1/2', () => {
    const whole = Math.log(8.5 / 0.5);
    const shares = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [i + 1, Math.log((i + 1.5) / (i + 0.5)) / whole]),
    );
    // 99.9 % point of chi-square with 7 degrees of freedom
    expect(chiSquare(column('logInt'), shares)).toBeLessThan(24.3);
  });

  it('gives a conditional parameter where its condition holds, and only there', () => {
    for (const p of points) expect('only' in p).toBe(p['choice'] === 'a');
    expect(
      kolmogorov(points.flatMap((p) => (p['choice'] === 'a' ? [p['only'] as number] : []))),
    ).toBeLessThan(KOLMOGOROV);
  });

  it('draws parameters and trials independently of each other', () => {
    const correlation = (x: readonly number[], y: readonly number[]): number => {
      const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
      const [mx, my] = [mean(x), mean(y)];
      const sum = (of: (i: number) => number): number => x.reduce((total, _, i) => total + of(i), 0);
      return (
        sum((i) => (x[i]! - mx) * (y[i]! - my)) /
        Math.sqrt(sum((i) => (x[i]! - mx) ** 2) * sum((i) => (y[i]! - my) ** 2))
      );
    };
    const limit = 3.3 / Math.sqrt(N);
    expect(Math.abs(correlation(column('float'), column('step')))).toBeLessThan(limit);
    expect(Math.abs(correlation(column('float').slice(1), column('float').slice(0, -1)))).toBeLessThan(limit);
  });

  it('is uniform on what the constraints leave', () => {
    const half = SearchSpace.parse({
      parameters: { x: { kind: 'float', low: 0, high: 1 }, y: { kind: 'float', low: 0, high: 1 } },
      constraints: ['x + y <= 1'],
    });
    const constrained = createSampler({ kind: 'random' }, { space: half, objectives: [], seed: 2 });
    const drawn = Array.from({ length: 4000 }, (_, i) => constrained.suggest([], i)!);
    // the distribution function of x on the triangle is 2x - x^2
    expect(kolmogorov(drawn.map((p) => 2 * (p['x'] as number) - (p['x'] as number) ** 2))).toBeLessThan(
      KOLMOGOROV,
    );
  });
});
