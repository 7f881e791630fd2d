import type { Objective, Trial } from '../trial.ts';

/** A completed trial with one of its values, finite. */
export interface Scored {
  readonly trial: Trial;
  readonly value: number;
}

/** Completed trials whose value number `index` is a finite number, in the order of their numbers. */
export function scored(trials: readonly Trial[], index = 0): Scored[] {
  return trials
    .filter((trial) => trial.state === 'COMPLETE' && Number.isFinite(trial.values[index]))
    .map((trial) => ({ trial, value: trial.values[index]! }))
    .sort((a, b) => a.trial.number - b.trial.number);
}

/** The value as something to be small. */
export function loss(value: number, { direction }: Objective): number {
  return direction === 'maximize' ? -value : value;
}

/** Completed trials with a finite value for each objective. */
export function complete(trials: readonly Trial[], objectives: readonly Objective[]): Trial[] {
  return trials.filter(
    (trial) =>
      trial.state === 'COMPLETE' && objectives.every((_, index) => Number.isFinite(trial.values[index])),
  );
}
