import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { axisOf } from '../src/samplers/axis.ts';
import { cmaConstants, cmaUpdate, startState } from '../src/samplers/cma-state.ts';
import { fronts } from '../src/samplers/domination.ts';
import { ageWeights } from '../src/samplers/kernel-widths.ts';
import { haltonSequence } from '../src/samplers/halton.ts';
import { HistoryTable } from '../src/samplers/history-table.ts';
import { hypervolume, hypervolumeSubset, referencePoint } from '../src/samplers/hypervolume.ts';
import { lowerTail, normalMass } from '../src/samplers/normal.ts';
import { ParzenEstimator } from '../src/samplers/parzen.ts';
import { SOBOL_DIMENSIONS, sobolSequence } from '../src/samplers/sobol.ts';
import { splitRows } from '../src/samplers/tpe-split.ts';
import { domain } from '../src/space-domain.ts';
import { ParameterSpec } from '../src/space.ts';
import type { Parameters, Trial } from '../src/trial.ts';

// the values come from SciPy, Optuna and cmaes: make_fixtures.py
function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

describe('sequences', () => {
  const expected = fixture<Record<'sobol' | 'sobolFrom100000' | 'halton', number[][]>>('sequences');

  it('are SciPy’s unscrambled Sobol points, bit for bit, in all dimensions, the origin first', () => {
    const at = sobolSequence(SOBOL_DIMENSIONS, undefined);
    const rows = (from: number, count: number): number[][] =>
      Array.from({ length: count }, (_, i) =>
        Array.from({ length: SOBOL_DIMENSIONS }, (_, k) => at(from + i, k)),
      );
    expect(rows(0, 64)).toEqual(expected.sobol);
    expect(rows(100_000, 2)).toEqual(expected.sobolFrom100000);
  });

  it('are SciPy’s unscrambled Halton points, the origin first', () => {
    const at = haltonSequence(12, undefined);
    expected.halton.forEach((row, i) => row.forEach((value, k) => expect(at(i, k)).toBeCloseTo(value, 15)));
  });
});

describe('normal tail', () => {
  it('is SciPy’s ndtr, far into the lower tail', () => {
    const { values } = fixture<{ values: [number, number][] }>('normal');
    for (const [x, p] of values) expect(Math.abs(lowerTail(x) / p - 1)).toBeLessThan(1e-13);
  });

  it('gives the mass of far intervals without cancellation', () => {
    expect(normalMass(10, 11)).toBeCloseTo(normalMass(-11, -10), 30);
    expect(normalMass(-0.5, 0.5)).toBeCloseTo(0.3829249225480262, 15);
    expect(normalMass(-9, 9)).toBe(1);
  });
});

const SPECS = {
  choice: { kind: 'choice', values: ['a', 'b', 'c'] },
  float: { kind: 'float', low: -3, high: 7 },
  int: { kind: 'int', low: 2, high: 30, step: 4 },
  log: { kind: 'float', low: 1e-4, high: 2, log: true },
  logInt: { kind: 'int', low: 1, high: 200, log: true },
  step: { kind: 'float', low: 0, high: 1, step: 0.125 },
} as const;
type Name = keyof typeof SPECS;
const NAMES = Object.keys(SPECS) as Name[];
const AXES = NAMES.map((name) => axisOf(domain(name, ParameterSpec.parse(SPECS[name]))));

interface DensityCase {
  readonly endpoints: boolean;
  readonly magicClip: boolean;
  readonly rows: Record<Name, number>[];
  readonly queries: Record<Name, number>[];
  readonly joined: Name[];
  readonly joint: number[];
  readonly single: Partial<Record<Name, number[]>>;
}

describe('the Parzen estimator', () => {
  const { cases } = fixture<{ cases: DensityCase[] }>('densities');
  const model = (k: number, value: number): number =>
    AXES[k]!.choices > 0 ? value : AXES[k]!.toModel(value);

  it.each(cases.map((c) => [c.rows.length, c.endpoints, c] as const))(
    'has Optuna’s densities for %i observations (endpoints: %s)',
    (n, _endpoints, { rows, queries, joined, joint, single, endpoints, magicClip }) => {
      const observations = NAMES.map((name, k) => {
        const values = Float64Array.from(rows, (row) => model(k, row[name]));
        const sorted = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
        return { name, axis: AXES[k]!, values, sorted };
      });
      const settings = { bandwidth: 'neighbours', endpoints, magicClip, priorWeight: 1 } as const;
      const densities = (names: readonly Name[]): number[] => {
        const used = observations.filter(({ name }) => names.includes(name));
        const estimator = new ParzenEstimator(used, ageWeights(n), settings);
        return queries.map((query) =>
          estimator.logDensity(used.map(({ name }) => model(NAMES.indexOf(name), query[name]))),
        );
      };
      const close = (ours: readonly number[], theirs: readonly number[]): void =>
        ours.forEach((value, i) =>
          expect(Math.abs(value - theirs[i]!)).toBeLessThan(1e-9 * Math.abs(theirs[i]!) + 1e-9),
        );
      close(densities(joined), joint);
      for (const [name, theirs] of Object.entries(single)) close(densities([name as Name]), theirs);
    },
  );
});

interface SplitCase {
  readonly directions: ('minimize' | 'maximize')[];
  readonly trials: Pick<Trial, 'state' | 'values' | 'reports'>[];
  readonly below: number[];
}

describe('the good trials', () => {
  const { cases } = fixture<{ cases: SplitCase[] }>('splits');
  it.each(cases.map((c, i) => [i, c.directions.join(), c] as const))('are Optuna’s (%i: %s)', (_i, _d, c) => {
    const objectives = c.directions.map((direction, i) => ({ metric: `m${i}`, direction }));
    const table = new HistoryTable([], objectives);
    table.read(c.trials.map((trial, number): Trial => ({ ...trial, number, parameters: {} as Parameters })));
    const { below, above } = splitRows(
      table.rows,
      () => true,
      objectives.length,
      c.directions[0] === 'minimize',
    );
    expect(below).toEqual(c.below);
    expect([...below, ...above].sort((a, b) => a - b)).toEqual(c.trials.map((_, i) => i));
  });
});

interface VolumeCase {
  readonly points: number[][];
  readonly reference: number[];
  readonly hypervolume: number;
  readonly ranks: number[];
  readonly front: number[][];
  readonly chosen: number[];
  readonly chosenVolume: number;
}

describe('hypervolumes', () => {
  const { cases } = fixture<{ cases: VolumeCase[] }>('hypervolumes');
  it.each(cases.map((c) => [c.points.length, c.reference.length, c] as const))(
    'of %i points in %i losses',
    (_n, _k, c) => {
      expect(referencePoint(c.points)).toEqual(c.reference);
      expect(hypervolume(c.points, c.reference)).toBeCloseTo(c.hypervolume, 10);
      const ranks = new Array<number>(c.points.length);
      fronts(c.points, Infinity).forEach((front, rank) => front.forEach((i) => (ranks[i] = rank)));
      expect(ranks).toEqual(c.ranks);
    },
  );

  it.each(cases.map((c) => [c.points.length, c.reference.length, c] as const))(
    'chosen greedily from %i points in %i losses',
    (_n, _k, c) => {
      const chosen = hypervolumeSubset(c.front, c.chosen.length, c.reference);
      expect(chosen.toSorted((a, b) => a - b)).toEqual(c.chosen);
      expect(
        hypervolume(
          chosen.map((i) => c.front[i]!),
          c.reference,
        ),
      ).toBeCloseTo(c.chosenVolume, 10);
    },
  );
});

interface CmaCase {
  readonly n: number;
  readonly generations: { points: number[][]; losses: number[] }[];
  readonly mean: number[];
  readonly sigma: number;
  readonly covariance: number[][];
  readonly pathC: number[];
  readonly pathSigma: number[];
}

describe('CMA-ES', () => {
  const { cases } = fixture<{ cases: CmaCase[] }>('covariance');
  it.each(cases.map((c) => [c.n, c] as const))(
    'has the state of cmaes after 12 generations in %i dimensions',
    (n, c) => {
      const constants = cmaConstants(n);
      let state = startState(new Float64Array(n).fill(0.5), 1 / 6);
      for (const { points, losses } of c.generations) {
        const order = losses.map((_, i) => i).sort((a, b) => losses[a]! - losses[b]!);
        state = cmaUpdate(
          state,
          constants,
          order.map((i) => Float64Array.from(points[i]!)),
        );
      }
      const close = (ours: ArrayLike<number>, theirs: readonly number[]): void =>
        theirs.forEach((value, i) =>
          expect(Math.abs(ours[i]! - value)).toBeLessThan(1e-8 * Math.max(1, Math.abs(value))),
        );
      close(state.mean, c.mean);
      close([state.sigma], [c.sigma]);
      close(state.covariance, c.covariance.flat());
      close(state.pathC, c.pathC);
      close(state.pathSigma, c.pathSigma);
    },
  );
});
