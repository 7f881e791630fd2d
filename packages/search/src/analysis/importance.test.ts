import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial } from '../trial.ts';
import { importance } from './importance.ts';
import { pedAnova, topTrials } from './ped-anova.ts';
import { loss, scored } from './trials.ts';

type ByPath = Readonly<Record<string, number>>;

interface Case {
  readonly name: string;
  readonly direction: Objective['direction'];
  readonly space: Record<string, object>;
  readonly trials: readonly { readonly parameters: Parameters; readonly value: number }[];
  readonly pedAnova: ByPath;
  readonly pedAnova20: ByPath;
  readonly fanova: ByPath;
  readonly fanovaSpread: ByPath;
}

/** What Optuna's own evaluators say: bench/importance_optuna.py writes them. */
const { cases } = JSON.parse(readFileSync(new URL('./optuna-importances.json', import.meta.url), 'utf8')) as {
  cases: readonly Case[];
};

function parsed({ space, trials, direction }: Case) {
  return {
    space: SearchSpace.parse({ parameters: space }),
    objective: { metric: 'val/accuracy', direction },
    trials: trials.map(({ parameters, value }, number): Trial => ({
      number,
      state: 'COMPLETE',
      parameters,
      values: [value],
      reports: [],
    })),
  };
}

describe("PED-ANOVA is Optuna's to nine digits", () => {
  for (const one of cases) {
    it(one.name, () => {
      const { trials, space, objective } = parsed(one);
      for (const [topShare, expected] of [
        [0.1, one.pedAnova],
        [0.2, one.pedAnova20],
      ] as const) {
        const done = scored(trials);
        const losses = done.map(({ value }) => loss(value, objective));
        const isTop = topTrials(losses, topShare);
        expect(Object.keys(space.parameters).sort()).toEqual(Object.keys(expected).sort());
        for (const [path, spec] of Object.entries(space.parameters)) {
          const raw = pedAnova(path, spec, done, isTop);
          expect(Math.abs(raw - expected[path]!), path).toBeLessThanOrEqual(
            1e-9 * Math.max(1, expected[path]!),
          );
        }
      }
    });
  }
});

describe("fANOVA is Optuna's but for the chance in its forest", () => {
  for (const one of cases) {
    it(one.name, () => {
      const { trials, space, objective } = parsed(one);
      const { parameters } = importance(trials, space, objective, {
        method: 'fanova',
        measure: 'plain',
        trees: 256,
      });
      expect(parameters.map(({ path }) => path).sort()).toEqual(Object.keys(one.fanova).sort());
      for (const { path, raw } of parameters) {
        const tolerance = 0.02 + one.fanovaSpread[path]!;
        expect(Math.abs(raw - one.fanova[path]!), `${path}: ${raw}, Optuna ${one.fanova[path]}`).toBeLessThan(
          tolerance,
        );
      }
    });
  }
});

/** Trials of a full grid of two settings, all cells in turn as often as there are values. */
function gridOf(values: readonly number[], sides: readonly [number, number]) {
  const numbers = (count: number) => Array.from({ length: count }, (_, value) => value);
  const space = SearchSpace.parse({
    parameters: {
      a: { kind: 'choice', values: numbers(sides[0]) },
      b: { kind: 'choice', values: numbers(sides[1]) },
    },
  });
  const cells = numbers(sides[0]).flatMap((a) => numbers(sides[1]).map((b) => ({ a, b })));
  const trials = values.map((value, number): Trial => ({
    number,
    state: 'COMPLETE',
    parameters: cells[number % cells.length]!,
    values: [value],
    reports: [],
  }));
  return { space, trials };
}

/** Sums of squares of numpy: 4 sum (row mean - mean)^2 / sum (cell mean - mean)^2, and of columns. */
const ANOVA = {
  values: [
    0.7599, 0.7338, 0.7876, 0.821, 0.9068, 0.8555, 0.8224, 0.8108, 0.9374, 0.9817, 0.9136, 0.8383, 0.7521,
    0.88, 0.8101, 0.7134, 0.8458, 0.7918, 0.8185, 0.8256, 0.8643, 0.9277, 0.8968, 0.8705,
  ],
  a: 0.7643280067587177,
  b: 0.09322948238240154,
};

const GOAL: Objective = { metric: 'val/accuracy', direction: 'maximize' };

describe('of a full grid importance is exact', () => {
  it('one setting of a 2 x 2 grid explains 81 %, whatever was asked for, and a note says why', () => {
    // main effects 0.09 and 0.04, interaction 0.0175: 0.09^2 / (0.09^2 + 0.04^2 + 0.0175^2) = 0.8095
    const [a, b, both] = [0.09, 0.04, 0.0175];
    const values = [-a - b + both, -a + b - both, a - b - both, a + b + both].map(
      (effect) => 0.7 + effect / 2,
    );
    const { space, trials } = gridOf(values, [2, 2]);
    const found = importance(trials, space, GOAL, { method: 'ped-anova' });
    expect(found).toMatchObject({ method: 'fanova', note: expect.stringContaining('too few for PED-ANOVA') });
    expect(found.parameters.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(found.parameters[0]!.raw).toBeCloseTo(a ** 2 / (a ** 2 + b ** 2 + both ** 2), 12);
    expect(found.parameters[1]!.raw).toBeCloseTo(b ** 2 / (a ** 2 + b ** 2 + both ** 2), 12);
  });

  it('agrees with the sums of squares of an analysis of variance, with repeated cells', () => {
    const { space, trials } = gridOf([...ANOVA.values], [3, 4]);
    const { parameters } = importance(trials, space, GOAL, { method: 'fanova' });
    const raw = Object.fromEntries(parameters.map(({ path, raw: share }) => [path, share]));
    expect(raw['a']).toBeCloseTo(ANOVA.a, 10);
    expect(raw['b']).toBeCloseTo(ANOVA.b, 10);
  });

  it('says that nothing can be told apart where all cells are equal but for rounding', () => {
    const { space, trials } = gridOf([0.3, 0.1 + 0.2, 0.3, 0.3], [2, 2]);
    expect(importance(trials, space, GOAL).note).toMatch(/all trials are equally good/);
  });
});
