import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isActive } from '../space-activity.ts';
import { meets } from '../space-meets.ts';
import { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial } from '../trial.ts';
import { createSampler } from './create.ts';
import { ageWeights } from './kernel-widths.ts';
import { type Sampler, SamplerSpec } from './sampler.ts';
import { goodCount } from './tpe-split.ts';

const minimize: Objective[] = [{ metric: 'loss', direction: 'minimize' }];
const maximize: Objective[] = [{ metric: 'score', direction: 'maximize' }];
const numbers = SearchSpace.parse({
  parameters: {
    x: { kind: 'float', low: -5, high: 5 },
    rate: { kind: 'float', low: 1e-5, high: 1, log: true },
  },
});
const bowl = (p: Parameters): number =>
  ((p['x'] as number) - 2) ** 2 + (Math.log10(p['rate'] as number) + 3) ** 2;

function run(sampler: Sampler, trials: number, evaluate: (p: Parameters) => number[]): Trial[] {
  const history: Trial[] = [];
  for (let number = 0; number < trials; number++) {
    const parameters = sampler.suggest(history, number)!;
    history.push({ number, state: 'COMPLETE', parameters, values: evaluate(parameters), reports: [] });
  }
  return history;
}
const tpe = (more: object = {}): SamplerSpec => SamplerSpec.parse({ kind: 'tpe', ...more });
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe('tpe', () => {
  it.each([false, true])(
    'closes in on the minimum where random does not (multivariate: %s)',
    (multivariate) => {
      const late = (spec: SamplerSpec): number =>
        median(
          Array.from({ length: 10 }, (_, seed) => {
            const trials = run(
              createSampler(spec, { space: numbers, objectives: minimize, seed }),
              60,
              (p) => [bowl(p)],
            );
            return median(trials.slice(30).map(({ values }) => values[0]!));
          }),
        );
      expect(late(tpe({ multivariate }))).toBeLessThan(late({ kind: 'random' }) / 4);
    },
  );

  it('looks for the largest value where that is asked', () => {
    const [down, up] = [minimize, maximize].map((objectives, i) =>
      run(createSampler(tpe(), { space: numbers, objectives, seed: 4 }), 40, (p) => [
        i === 0 ? bowl(p) : -bowl(p),
      ]),
    );
    expect(up!.map(({ parameters }) => parameters)).toEqual(down!.map(({ parameters }) => parameters));
  });

  it('is random until enough trials have finished', () => {
    const task = { space: numbers, objectives: minimize, seed: 4 };
    const points = run(createSampler(tpe({ startupTrials: 5 }), task), 6, (p) => [bowl(p)]);
    const later = run(createSampler(tpe({ startupTrials: 6 }), task), 6, (p) => [bowl(p)]);
    expect(points.slice(0, 5)).toEqual(later.slice(0, 5));
    expect(points[5]!.parameters).not.toEqual(later[5]!.parameters);
  });

  it('learns which choice is best, and a conditional parameter from the trials that had it', () => {
    const space = SearchSpace.parse({
      parameters: {
        side: { kind: 'choice', values: ['left', 'right'] },
        left: { kind: 'float', low: -5, high: 5, when: { side: 'left' } },
        right: { kind: 'int', low: 0, high: 100, when: { side: 'right' } },
      },
    });
    for (const multivariate of [false, true]) {
      const trials = run(
        createSampler(tpe({ multivariate }), { space, objectives: minimize, seed: 1 }),
        80,
        (p) => [p['side'] === 'left' ? 50 + (p['left'] as number) : Math.abs((p['right'] as number) - 70)],
      );
      for (const { parameters } of trials) {
        for (const path of ['left', 'right'])
          expect(path in parameters).toBe(isActive(space, path, parameters));
      }
      const late = trials.slice(50);
      expect(late.filter(({ parameters }) => parameters['side'] === 'right').length).toBeGreaterThan(25);
      expect(median(late.flatMap(({ values }) => values))).toBeLessThan(15);
    }
  });

  it('spreads out parallel workers: running trials count as bad', () => {
    /** Mean distance of each of 20 points, suggested while all of them run, to its nearest. */
    const spread = (constantLiar: boolean, seed: number): number => {
      const task = { space: numbers, objectives: minimize, seed };
      const history = run(createSampler(tpe(), task), 30, (p) => [bowl(p)]);
      const sampler = createSampler(tpe({ constantLiar, multivariate: true }), task);
      for (let number = 30; number < 50; number++) {
        const parameters = sampler.suggest(history, number)!;
        history.push({ number, state: 'RUNNING', parameters, values: [], reports: [] });
      }
      const points = history
        .slice(30)
        .map(({ parameters }) => [
          (parameters['x'] as number) / 10,
          Math.log10(parameters['rate'] as number) / 5,
        ]);
      const nearest = points.map((p) =>
        Math.min(...points.filter((q) => q !== p).map((q) => Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!))),
      );
      return nearest.reduce((a, b) => a + b) / nearest.length;
    };
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const wider = seeds.filter((seed) => spread(true, seed) > spread(false, seed));
    expect(wider.length).toBeGreaterThanOrEqual(7);
  });

  it('keeps to the constraints', () => {
    const space = SearchSpace.parse({
      parameters: numbers.parameters,
      constraints: ['x <= 1 or rate > 0.5'],
    });
    for (const multivariate of [false, true]) {
      const trials = run(
        createSampler(tpe({ multivariate }), { space, objectives: minimize, seed: 1 }),
        50,
        (p) => [bowl(p)],
      );
      for (const { parameters } of trials) expect(meets(space, parameters)).toBe(true);
    }
  });

  it('finds more of a front of two objectives than random', () => {
    const space = SearchSpace.parse({
      parameters: Object.fromEntries(
        ['a', 'b', 'c', 'd'].map((path) => [path, { kind: 'float', low: 0, high: 1 }]),
      ),
    });
    const objectives: Objective[] = [
      { metric: 'f', direction: 'minimize' },
      { metric: 'g', direction: 'maximize' },
    ];
    const evaluate = ({ a, b, c, d }: Parameters): number[] => {
      const g = 1 + 3 * ((b as number) + (c as number) + (d as number));
      return [a as number, -g * (1 - Math.sqrt((a as number) / g))];
    };
    const late = (spec: SamplerSpec): number =>
      median(
        run(createSampler(spec, { space, objectives, seed: 2 }), 120, evaluate)
          .slice(60)
          .map(({ values }) => -values[1]!),
      );
    expect(late(tpe())).toBeLessThan(late({ kind: 'random' }) / 1.5);
  });

  it('takes anything a history may hold', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
    const trial = fc.record({
      state: fc.constantFrom('QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED'),
      parameters: fc.record(
        {
          x: fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant('odd'), fc.constant(null)),
          rate: fc.double({ min: -1, max: 2, noNaN: true }),
        },
        { requiredKeys: [] },
      ),
      values: fc.array(value, { maxLength: 2 }),
      reports: fc.array(fc.record({ step: fc.nat(9), value }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(trial, { maxLength: 40 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 2 }),
        (list, multivariate, k) => {
          const history = list.map((t, number) => ({ ...t, number })) as Trial[];
          const objectives = [...minimize, ...maximize].slice(0, k);
          const point = createSampler(tpe({ multivariate, startupTrials: 2 }), {
            space: numbers,
            objectives,
            seed: 1,
          }).suggest(history, list.length)!;
          expect(point['x']).toBeGreaterThanOrEqual(-5);
          expect(point['x']).toBeLessThanOrEqual(5);
          expect(point['rate']).toBeGreaterThanOrEqual(1e-5);
          expect(point['rate']).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('the parts of tpe', () => {
  it('weighs the newest 25 trials fully and the oldest 1/n', () => {
    expect([...ageWeights(3)]).toEqual([1, 1, 1]);
    expect([...ageWeights(25)]).toEqual(new Array(25).fill(1));
    const weights = [...ageWeights(45)];
    expect(weights[0]).toBeCloseTo(1 / 45, 12);
    expect(weights[19]).toBeCloseTo(1, 12);
    expect(weights.slice(20)).toEqual(new Array(25).fill(1));
  });

  it('calls a tenth good, at most 25 for one objective', () => {
    expect([0, 1, 10, 11, 100, 250, 5000].map((n) => goodCount(n, 1))).toEqual([0, 1, 1, 2, 10, 25, 25]);
    expect(goodCount(5000, 2)).toBe(500);
  });
});
