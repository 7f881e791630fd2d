import { describe, expect, it } from 'vitest';
import { SearchSpace } from '../space.ts';
import { createSampler } from './create.ts';
import { haltonSequence } from './halton.ts';
import { sobolSequence } from './sobol.ts';

type Sequence = (index: number, dimension: number) => number;

const space = (parameters: Record<string, unknown>, constraints: string[] = []): SearchSpace =>
  SearchSpace.parse({ parameters, constraints });

/** Centred L2 discrepancy, squared (Hickernell 1998), as SciPy's qmc.discrepancy(method='CD'). */
function discrepancy(points: readonly (readonly number[])[]): number {
  const d = points[0]!.length;
  const n = points.length;
  const product = (of: (k: number) => number): number =>
    Array.from({ length: d }, (_, k) => of(k)).reduce((a, b) => a * b, 1);
  const off = (x: number): number => Math.abs(x - 0.5);
  let [single, pairs] = [0, 0];
  for (const p of points) {
    single += product((k) => 1 + 0.5 * off(p[k]!) - 0.5 * off(p[k]!) ** 2);
    for (const q of points)
      pairs += product((k) => 1 + 0.5 * off(p[k]!) + 0.5 * off(q[k]!) - 0.5 * Math.abs(p[k]! - q[k]!));
  }
  return (13 / 12) ** d - (2 / n) * single + pairs / n ** 2;
}

const rows = (at: Sequence, n: number, d: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: d }, (_, k) => at(i, k)));
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('scrambled Sobol', () => {
  it.each([1, 2, 3])('keeps a point in each of 64 equal parts of every axis (seed %i)', (seed) => {
    const points = rows(sobolSequence(20, seed), 64, 20);
    for (let k = 0; k < 20; k++) expect(new Set(points.map((p) => Math.floor(p[k]! * 64))).size).toBe(64);
  });

  it('keeps the net of the first two dimensions: one point in every 8 x 8 box', () => {
    const points = rows(sobolSequence(2, 5), 64, 2);
    expect(new Set(points.map(([x, y]) => Math.floor(x! * 8) * 8 + Math.floor(y! * 8))).size).toBe(64);
  });

  it('is uniform over seeds at any one index, and differs between seeds', () => {
    const counts = new Array<number>(16).fill(0);
    for (let seed = 0; seed < 3200; seed++) counts[Math.floor(sobolSequence(2, seed)(7, 1) * 16)]! += 1;
    // 99.9 % point of chi-square with 15 degrees of freedom
    expect(counts.reduce((sum, c) => sum + (c - 200) ** 2 / 200, 0)).toBeLessThan(37.7);
  });

  it('has a tenth of the discrepancy of random points at most', () => {
    const sobol = mean([1, 2, 3, 4, 5].map((seed) => discrepancy(rows(sobolSequence(5, seed), 256, 5))));
    const task = {
      space: space(
        Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((p) => [p, { kind: 'float', low: 0, high: 1 }])),
      ),
      objectives: [],
    };
    const random = mean(
      [1, 2, 3, 4, 5].map((seed) => {
        const sampler = createSampler({ kind: 'random' }, { ...task, seed });
        return discrepancy(
          Array.from({ length: 256 }, (_, i) => Object.values(sampler.suggest([], i)!) as number[]),
        );
      }),
    );
    expect(sobol).toBeLessThan(random / 10);
    // 200 scrambles by SciPy 1.17 lie in 2.35e-4 .. 2.51e-4
    expect(sobol).toBeGreaterThan(2.3e-4);
    expect(sobol).toBeLessThan(2.6e-4);
  });
});

describe('scrambled Halton', () => {
  it('keeps a point in each of b^k equal parts of the axis in base b', () => {
    const at = haltonSequence(3, 9);
    [
      [2, 64],
      [3, 81],
      [5, 125],
    ].forEach(([, parts], k) => {
      const cells = Array.from({ length: parts! }, (_, i) => Math.floor(at(i, k) * parts! + 1e-9));
      expect(new Set(cells).size).toBe(parts);
    });
  });

  it('stays within [0, 1) and differs between seeds', () => {
    const points = rows(haltonSequence(10, 1), 500, 10).flat();
    expect(Math.min(...points)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...points)).toBeLessThan(1);
    expect(haltonSequence(1, 1)(5, 0)).not.toBe(haltonSequence(1, 2)(5, 0));
  });
});

describe('sequences as samplers', () => {
  const s = space({ x: { kind: 'float', low: 0, high: 1 }, y: { kind: 'float', low: -1, high: 1 } }, [
    'y > 0',
  ]);

  it('start at the origin without scrambling', () => {
    const free = space({
      x: { kind: 'float', low: 2, high: 4 },
      n: { kind: 'int', low: 1, high: 8, log: true },
    });
    const sampler = createSampler(
      { kind: 'sobol', scramble: false },
      { space: free, objectives: [], seed: 1 },
    );
    // dimensions by path: n, then x
    expect([0, 1, 2].map((i) => sampler.suggest([], i)!['x'])).toEqual([2, 3, 2.5]);
    expect(sampler.suggest([], 0)!['n']).toBe(1);
  });

  it.each(['sobol', 'halton'] as const)(
    '%s gives trial k the k-th point that meets the constraints',
    (kind) => {
      const make = (): ReturnType<typeof createSampler> =>
        createSampler({ kind, scramble: true }, { space: s, objectives: [], seed: 3 });
      const sampler = make();
      const points = Array.from({ length: 50 }, (_, i) => sampler.suggest([], i)!);
      expect(points.every(({ y }) => (y as number) > 0)).toBe(true);
      expect(new Set(points.map(({ x }) => x)).size).toBe(50);
      // asked out of order, and of a sampler made anew
      expect(make().suggest([], 37)).toEqual(points[37]);
      expect(sampler.suggest([], 5)).toEqual(points[5]);
    },
  );

  it.each(['random', 'sobol', 'halton'] as const)(
    '%s says that nothing meets the constraints, and ends',
    (kind) => {
      const never = space({ x: { kind: 'float', low: 0, high: 1 } }, ['x > 2']);
      const sampler = createSampler({ kind, scramble: true } as never, {
        space: never,
        objectives: [],
        seed: 3,
      });
      expect(() => sampler.suggest([], 0)).toThrow(/meets.*x > 2/);
    },
  );

  it('refuses more parameters than there are directions for', () => {
    const wide = space(
      Object.fromEntries(Array.from({ length: 161 }, (_, i) => [`p${i}`, { kind: 'int', low: 0, high: 1 }])),
    );
    expect(() =>
      createSampler({ kind: 'sobol', scramble: true }, { space: wide, objectives: [], seed: 1 }),
    ).toThrow('160');
  });
});
