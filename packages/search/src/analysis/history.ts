import type { Objective, Trial, TrialState } from '../trial.ts';
import { isBetter } from '../pruners/pruner.ts';
import { scored } from './trials.ts';

export interface HistoryPoint {
  readonly number: number;
  readonly value: number;
  /** Best value of the trials up to this number. */
  readonly best: number;
}

/** Values of the completed trials by number, with the best so far. @param index of the objective among the values. */
export function optimizationHistory(
  trials: readonly Trial[],
  objective: Objective,
  index = 0,
): HistoryPoint[] {
  let best = NaN;
  return scored(trials, index).map(({ trial, value }) => {
    if (Number.isNaN(best) || isBetter(value, best, objective)) best = value;
    return { number: trial.number, value, best };
  });
}

export interface DistributionStep {
  readonly value: number;
  /** Share of the completed trials with at most this value. */
  readonly share: number;
}

/** The empirical distribution function of an objective: one step per different value, rising to 1. */
export function empiricalDistribution(trials: readonly Trial[], index = 0): DistributionStep[] {
  const values = Float64Array.from(scored(trials, index), ({ value }) => value).sort();
  const steps: DistributionStep[] = [];
  values.forEach((value, place) => {
    if (values[place + 1] !== value) steps.push({ value, share: (place + 1) / values.length });
  });
  return steps;
}

export interface TimelineBar {
  readonly number: number;
  readonly state: TrialState;
  readonly startedAt: number;
  /** Null for a trial that still runs. */
  readonly endedAt: number | null;
  /** Rows that never hold two bars at once: as many as ran at the same time. */
  readonly lane: number;
}

/** When each trial that has started ran, epoch milliseconds, in lanes. */
export function timeline(trials: readonly Trial[]): TimelineBar[] {
  const started = trials.filter((trial) => trial.startedAt !== undefined);
  const freeAt: number[] = [];
  return started
    .sort((a, b) => a.startedAt! - b.startedAt! || a.number - b.number)
    .map(({ number, state, startedAt, endedAt }) => {
      const free = freeAt.findIndex((end) => end <= startedAt!);
      const lane = free < 0 ? freeAt.length : free;
      freeAt[lane] = endedAt ?? Infinity;
      return { number, state, startedAt: startedAt!, endedAt: endedAt ?? null, lane };
    });
}
