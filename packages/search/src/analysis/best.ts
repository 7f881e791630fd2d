import { canonicalJson } from '@atelier/base';
import { summarizeSeeds } from '@atelier/metrics';
import type { Objective, Parameters, Trial } from '../trial.ts';
import { paretoFront } from './pareto.ts';
import { complete, loss } from './trials.ts';

export interface RankedTrial {
  readonly number: number;
  readonly parameters: Parameters;
  readonly values: readonly number[];
  /** Place from 1 with one objective, rank of non-domination with several. */
  readonly rank: number;
}

/**
 * The best completed trials, best first; with several objectives by rank of non-domination, then by the first one.
 * Equal values in the order of their numbers.
 * @param count how many at most.
 */
export function bestTrials(
  trials: readonly Trial[],
  objectives: readonly Objective[],
  count = 10,
): RankedTrial[] {
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const [first] = objectives;
  return paretoFront(trials, objectives)
    .points.map(({ number, values, rank }) => ({
      number,
      parameters: byNumber.get(number)!.parameters,
      values,
      rank,
    }))
    .sort(
      (a, b) =>
        a.rank - b.rank || loss(a.values[0]!, first!) - loss(b.values[0]!, first!) || a.number - b.number,
    )
    .slice(0, count);
}

/** A value over the seeds of one configuration. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation, and Student's 95 % interval of the mean; null for a single seed. */
  readonly deviation: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** The trials of one point of the space: its seeds. */
export interface Configuration {
  readonly parameters: Parameters;
  readonly numbers: readonly number[];
  /** One per objective. */
  readonly values: readonly Spread[];
}

function spread(values: readonly number[]): Spread {
  const { mean, deviation, interval } = summarizeSeeds(values);
  if (values.length === 1) return { mean, deviation: null, low: null, high: null };
  return { mean, deviation, low: interval.low, high: interval.high };
}

/** Completed trials with equal parameters taken together, best mean of the first objective first. */
export function configurations(trials: readonly Trial[], objectives: readonly Objective[]): Configuration[] {
  const groups = new Map<string, Trial[]>();
  for (const trial of complete(trials, objectives)) {
    const key = canonicalJson(trial.parameters);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return [...groups.values()]
    .map((group) => ({
      parameters: group[0]!.parameters,
      numbers: group.map(({ number }) => number).sort((a, b) => a - b),
      values: objectives.map((_, index) => spread(group.map((trial) => trial.values[index]!))),
    }))
    .sort((a, b) => loss(a.values[0]!.mean, objectives[0]!) - loss(b.values[0]!.mean, objectives[0]!));
}
