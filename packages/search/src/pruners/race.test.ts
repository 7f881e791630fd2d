import { describe, expect, it } from 'vitest';
import type { Trial } from '../trial.ts';
import { createPruner } from './create.ts';
import { lookLevel, race, RaceMismatchError, spentAlpha } from './race.ts';
import { PrunerSpec } from './spec.ts';

/** Answers to 1000 samples with the first `wrong` ones wrong. */
function answers(wrong: number): Uint8Array {
  return new Uint8Array(1000).fill(1).fill(0, 0, wrong);
}

describe('alpha spending', () => {
  it("has Lan and DeMets' values at a half", () => {
    // scipy: 2 - 2 * norm.cdf(norm.ppf(0.975) / sqrt(0.5)); 0.05 * log(1 + (e - 1) / 2)
    expect(spentAlpha(0.5, 0.05, 'obrien-fleming')).toBeCloseTo(0.005574596680784305, 12);
    expect(spentAlpha(0.5, 0.05, 'pocock')).toBeCloseTo(0.031005725347913876, 14);
  });

  it('spends all of alpha and no more, whatever the function', () => {
    for (const spending of ['obrien-fleming', 'pocock', 'linear'] as const) {
      let sum = 0;
      for (let look = 1; look <= 25; look++) {
        const level = lookLevel({ look, looks: 20, alpha: 0.05, spending, rivals: 1 });
        expect(level).toBeGreaterThanOrEqual(0);
        sum += level;
      }
      expect(sum).toBeCloseTo(0.05, 12);
    }
  });

  it('divides by the number of rivals the best was picked from', () => {
    const look = { look: 2, looks: 4, alpha: 0.05, spending: 'linear', rivals: 1 } as const;
    expect(lookLevel({ ...look, rivals: 10 })).toBeCloseTo(lookLevel(look) / 10, 15);
  });
});

describe('race', () => {
  const look = { look: 1, looks: 1, alpha: 0.05, spending: 'linear', rivals: 1 } as const;

  it('is one-sided mid-p McNemar', () => {
    // 12 samples only the best has right: one-sided mid-p is 2^-12 - 2^-13
    const result = race({ ...look, best: answers(0), candidate: answers(12) });
    expect(result).toMatchObject({ drop: true, onlyBest: 12, onlyCandidate: 0, level: 0.05 });
    expect(result.p).toBeCloseTo(2 ** -13, 15);
  });

  it('keeps an equal and a better candidate', () => {
    expect(race({ ...look, best: answers(10), candidate: answers(10) })).toMatchObject({
      drop: false,
      p: 0.5,
    });
    const better = race({ ...look, best: answers(40), candidate: answers(10) });
    expect(better.drop).toBe(false);
    expect(better.p).toBeGreaterThan(0.999);
  });

  it('refuses answers to different samples', () => {
    const candidate = new Uint8Array(999);
    expect(() => race({ ...look, best: answers(0), candidate })).toThrow(RaceMismatchError);
  });
});

describe('racing pruner', () => {
  const objective = { metric: 'val/accuracy', direction: 'maximize' } as const;
  const pruner = createPruner(PrunerSpec.parse({ kind: 'racing', looks: 3 }), { objective, seed: 1 });
  const reports = [1, 2, 3].map((step) => ({ step, value: 0.9 }));
  const done = (number: number, value: number): Trial => ({
    number,
    state: 'COMPLETE',
    parameters: {},
    values: [value],
    reports,
  });
  const running: Trial = {
    number: 9,
    state: 'RUNNING',
    parameters: {},
    values: [],
    reports: reports.slice(0, 2),
  };

  it('compares with the best completed trial at the same step', () => {
    const asked: string[] = [];
    const judged = pruner.judge([done(0, 0.8), done(1, 0.95), running], running, (trial, step) => {
      asked.push(`${trial}@${step}`);
      return trial === 9 ? answers(60) : answers(20);
    });
    expect(asked.sort()).toEqual(['0@2', '1@2', '9@2']);
    expect(judged.prune).toBe(true);
    expect(judged.reason).toMatch(/^look 2 of 3: 40 samples only trial 1 has right, 0 only this one/);
  });

  it('keeps a trial it knows no predictions of, and says so', () => {
    expect(pruner.judge([done(0, 0.8)], running)).toEqual({
      prune: false,
      reason: 'no predictions at hand to race on',
    });
    expect(pruner.judge([done(0, 0.8)], running, () => undefined).reason).toMatch(
      /no predictions of this trial/,
    );
  });
});
