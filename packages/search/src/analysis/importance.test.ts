import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial } from '../trial.ts';
import { importance } from './importance.ts';

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
        const { parameters } = importance(trials, space, objective, { topShare });
        expect(parameters.map(({ path }) => path).sort()).toEqual(Object.keys(expected).sort());
        for (const { path, raw } of parameters) {
          expect(Math.abs(raw - expected[path]!), path).toBeLessThanOrEqual(
            1e-9 * Math.max(1, expected[path]!),
          );
        }
        const sum = parameters.reduce((total, { importance: share }) => total + share, 0);
        expect(sum).toBeCloseTo(1, 12);
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
