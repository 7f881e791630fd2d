import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Objective, Report, Trial, TrialState } from '../trial.ts';
import { createPruner } from './create.ts';
import { PrunerSpec } from './spec.ts';

type Event =
  [trial: number, step: number, value: number | null, pruned: 0 | 1] | [trial: number, end: TrialState];

interface Case {
  readonly spec: unknown;
  readonly direction: Objective['direction'];
  readonly seed: number;
  readonly events: readonly Event[];
}

interface Live extends Trial {
  state: TrialState;
  endedAt?: number;
  readonly reports: Report[];
}

/** Decisions of Optuna's own pruners: bench/pruners_optuna.py writes them. */
const recorded = JSON.parse(readFileSync(new URL('./optuna-decisions.json', import.meta.url), 'utf8')) as {
  decisions: number;
  cases: readonly Case[];
};

function replay({ spec, direction, seed, events }: Case): { agreed: number; differing: string[] } {
  const pruner = createPruner(PrunerSpec.parse(spec), {
    objective: { metric: 'val/accuracy', direction },
    seed,
  });
  const trials: Live[] = [];
  const differing: string[] = [];
  let agreed = 0;
  events.forEach((event, time) => {
    const trial = (trials[event[0]] ??= {
      number: event[0],
      state: 'RUNNING',
      parameters: {},
      values: [],
      reports: [],
    });
    if (event.length === 2) {
      trial.state = event[1];
      trial.endedAt = time;
      return;
    }
    trial.reports.push({ step: event[1], value: event[2] ?? NaN });
    const judgement = pruner.judge(trials.filter(Boolean), trial);
    if (judgement.prune === (event[3] === 1)) agreed += 1;
    else differing.push(`trial ${event[0]} step ${event[1]}: ${judgement.reason}`);
    if (event[3] === 1) trial.state = 'PRUNED';
  });
  return { agreed, differing };
}

describe("decisions are Optuna's own", () => {
  for (const one of recorded.cases) {
    it(`${JSON.stringify(one.spec)} ${one.direction}`, () => {
      const { agreed, differing } = replay(one);
      expect(differing).toEqual([]);
      expect(agreed).toBeGreaterThan(60);
    });
  }
});
