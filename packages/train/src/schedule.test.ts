import { describe, expect, it } from 'vitest';
import { ScheduleSpec } from './config.ts';
import { rateFactor } from './schedule.ts';

/** The factors of steps 1 .. totalSteps. */
function factors(spec: unknown, totalSteps: number, stepsPerEpoch = 10): number[] {
  const parsed = ScheduleSpec.parse(spec);
  return Array.from({ length: totalSteps }, (_, i) =>
    rateFactor(parsed, { step: i + 1, stepsPerEpoch, totalSteps }),
  );
}

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 9));
};

describe('rateFactor', () => {
  it('is 1 without a schedule', () => {
    expect(factors({ kind: 'constant' }, 3)).toEqual([1, 1, 1]);
  });

  it('falls along half a cosine, from the whole rate to its share at the last step', () => {
    expectClose(factors({ kind: 'cosine', finalFactor: 0.2 }, 5), [1, 0.882842712, 0.6, 0.317157288, 0.2]);
  });

  it('warms up in a straight line', () => {
    expectClose(factors({ kind: 'cosine', warmupEpochs: 0.4 }, 7), [0.25, 0.5, 0.75, 1, 1, 0.5, 0]);
  });

  it('never divides by nothing', () => {
    for (const kind of ['cosine', 'one-cycle'])
      for (const total of [1, 2, 3])
        for (const value of factors({ kind, ...(kind === 'cosine' && { warmupEpochs: 9 }) }, total))
          expect([kind, total, value >= 0 && value <= 1 + 1e-12]).toEqual([kind, total, true]);
  });

  it('gives the rates of PyTorch 2.15: OneCycleLR(max_lr=1, total_steps=10)', () => {
    expectClose(factors({ kind: 'one-cycle' }, 10), ONE_CYCLE);
  });
});

const ONE_CYCLE = [
  ...[0.04, 0.52, 1, 0.950484632, 0.8117456539],
  ...[0.6112620219, 0.3887419781, 0.1882583461, 0.04951936799, 4e-6],
];
