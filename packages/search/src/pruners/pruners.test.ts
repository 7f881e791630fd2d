import { describe, expect, it } from 'vitest';
import type { Report, Trial, TrialState } from '../trial.ts';
import { createPruner } from './create.ts';
import { bracketOf, bracketSizes } from './hyperband.ts';
import { percentileOf } from './quantile.ts';
import { HyperbandPruner, PrunerSpec } from './spec.ts';

const objective = { metric: 'val/accuracy', direction: 'maximize' } as const;

function trial(
  number: number,
  values: readonly number[],
  state: TrialState = 'COMPLETE',
  endedAt = number,
): Trial {
  const reports: Report[] = values.map((value, index) => ({ step: index + 1, value }));
  return {
    number,
    state,
    parameters: {},
    values: state === 'COMPLETE' ? values.slice(-1) : [],
    reports,
    endedAt,
  };
}

function pruner(spec: unknown, seed = 1) {
  return createPruner(PrunerSpec.parse(spec), { objective, seed });
}

describe('specs', () => {
  it('names the nearest pruner for a misspelt kind', () => {
    const { error } = PrunerSpec.safeParse({ kind: 'medain' });
    expect(error?.issues[0]?.message).toMatch(/unknown pruner 'medain', did you mean 'median'\?/);
    expect(PrunerSpec.safeParse({}).error?.issues[0]?.message).toMatch(
      /needs a kind: pruners are none, median/,
    );
  });

  it('refuses a misspelt setting and one out of range', () => {
    expect(PrunerSpec.safeParse({ kind: 'median', startup: 3 }).error?.issues[0]?.message).toMatch(/startup/);
    expect(PrunerSpec.safeParse({ kind: 'asha', reductionFactor: 1 }).success).toBe(false);
    expect(PrunerSpec.safeParse({ kind: 'racing', alpha: 0 }).success).toBe(false);
    expect(PrunerSpec.safeParse({ kind: 'patience', wrapped: { kind: 'patience' } }).success).toBe(false);
  });
});

describe('judgements', () => {
  const history = [0.9, 0.8, 0.7, 0.6, 0.5].map((value, number) => trial(number, [value - 0.1, value]));

  it('says in words why a trial goes', () => {
    const judged = pruner({ kind: 'median' }).judge(history, trial(9, [0.55], 'RUNNING'));
    expect(judged).toEqual({
      prune: true,
      reason: 'best value 0.55 by step 1 against 0.6, the median of 5 trials',
    });
  });

  it('does not count the trial itself, however the history has it', () => {
    const judge = pruner({ kind: 'median', startupTrials: 5 });
    expect(judge.judge(history.slice(0, 5), { ...history[4]!, state: 'RUNNING' }).prune).toBe(false);
  });

  it('never prunes a trial that has reported nothing', () => {
    for (const kind of ['none', 'median', 'percentile', 'asha', 'hyperband', 'patience', 'racing']) {
      expect(pruner({ kind }).judge(history, trial(9, [], 'RUNNING')).prune).toBe(false);
    }
  });

  it('sets automatic rungs by the trial that completed first, whatever completes later', () => {
    const long = trial(
      0,
      Array.from({ length: 400 }, () => 0.5),
      'COMPLETE',
      10,
    );
    const longer = trial(
      1,
      Array.from({ length: 900 }, () => 0.9),
      'COMPLETE',
      20,
    );
    const running = trial(2, [0.1, 0.1, 0.1, 0.1], 'RUNNING');
    const judge = pruner({ kind: 'asha', reductionFactor: 2 });
    expect(judge.judge([long], running)).toMatchObject({ prune: true });
    expect(judge.judge([long, longer], running)).toMatchObject({ prune: true });
    expect(judge.judge([long, longer], trial(2, [0.1, 0.1, 0.1], 'RUNNING')).prune).toBe(false);
  });

  it('judges by the quantile of those before, with the rule of Ray Tune', () => {
    const judge = pruner({ kind: 'asha', minResource: 1, reductionFactor: 2, rule: 'quantile' });
    const others = history.map((other) => ({ ...other, reports: other.reports.slice(0, 1) }));
    // median of 0.8 0.7 0.6 0.5 0.4
    expect(judge.judge(others, trial(9, [0.6], 'RUNNING')).prune).toBe(false);
    expect(judge.judge(others, trial(9, [0.59], 'RUNNING')).prune).toBe(true);
    expect(judge.judge([], trial(9, [0.1], 'RUNNING')).prune).toBe(false);
  });
});

describe('hyperband', () => {
  it('has the brackets of the paper for R = 81, eta = 3', () => {
    expect(bracketSizes(HyperbandPruner.parse({ kind: 'hyperband' }), 81)).toEqual([81, 34, 15, 8, 5]);
  });

  it('spreads trials over brackets in the shares of their sizes', () => {
    const sizes = [8, 4, 4];
    const counts = [0, 0, 0];
    for (let number = 0; number < 16_000; number++) counts[bracketOf(number, 7, sizes)]! += 1;
    // chi-square with 2 degrees of freedom, 0.999 quantile
    const chi = counts.reduce(
      (sum, count, i) => sum + (count - 1000 * sizes[i]!) ** 2 / (1000 * sizes[i]!),
      0,
    );
    expect(chi).toBeLessThan(13.82);
  });
});

it('interpolates percentiles as NumPy', () => {
  // numpy.percentile([1, 2, 4, 8], [0, 25, 50, 70, 100])
  expect([0, 25, 50, 70, 100].map((p) => percentileOf([1, 2, 4, 8], p))).toEqual([
    1, 1.75, 3, 4.399999999999999, 8,
  ]);
});
