import type { Objective, Trial } from '../trial.ts';
import { bestOf, isBetter, type Judgement, keep, othersOf, prune, type Pruner, shown } from './pruner.ts';
import type { QuantileSettings } from './spec.ts';

/**
 * Percentile by linear interpolation between the two nearest values, Hyndman and Fan's type 7, as NumPy's default, to
 * the last bit.
 * @param values sorted, at least one. @param percent 0 .. 100.
 */
export function percentileOf(sorted: ArrayLike<number>, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const share = place - below;
  if (low === high) return low;
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
}

type LookSettings = Pick<QuantileSettings, 'warmupSteps' | 'interval'>;

/** Whether the last report is the first since the look before: looks are at warmupSteps, + interval, + 2 interval ... */
export function isLook(trial: Trial, { warmupSteps, interval }: LookSettings): boolean {
  const step = trial.reports.at(-1)?.step;
  if (step === undefined || step < warmupSteps) return false;
  const look = Math.floor((step - warmupSteps) / interval) * interval + warmupSteps;
  const before = trial.reports.at(-2)?.step ?? -1;
  return before < look;
}

/** Sorted values that completed trials reported at this very step. */
function reportedAt(trials: readonly Trial[], step: number): Float64Array {
  const values = trials
    .map((other) => other.reports.find((report) => report.step === step)?.value ?? NaN)
    .filter((value) => !Number.isNaN(value));
  return Float64Array.from(values).sort();
}

/** Completed trials that reported at `step`, NaN included: what `minTrials` counts. */
function countAt(trials: readonly Trial[], step: number): number {
  return trials.filter((other) => other.reports.some((report) => report.step === step)).length;
}

function compare(
  trial: Trial,
  completed: readonly Trial[],
  settings: QuantileSettings,
  objective: Objective,
): Judgement {
  const step = trial.reports.at(-1)!.step;
  const best = bestOf(
    trial.reports.map((report) => report.value),
    objective,
  );
  if (Number.isNaN(best)) return prune('every value so far is NaN');
  const values = reportedAt(completed, step);
  if (countAt(completed, step) < settings.minTrials || values.length === 0) {
    return keep(`${values.length} completed trials have a value at step ${step}, too few to compare with`);
  }
  const percent = objective.direction === 'maximize' ? 100 - settings.percentile : settings.percentile;
  const bar = percentileOf(values, percent);
  const name = settings.percentile === 50 ? 'median' : `best ${settings.percentile} %`;
  const words = `best value ${shown(best)} by step ${step} against ${shown(bar)}, the ${name} of ${values.length} trials`;
  return isBetter(bar, best, objective) ? prune(words) : keep(words);
}

/**
 * Prunes where the trial's best value so far is worse than the percentile of what completed trials reported at the same
 * step. The median is the rule of Golovin et al., "Google Vizier" (KDD 2017); settings and borders as Optuna's
 * MedianPruner and PercentilePruner.
 */
export function quantilePruner(settings: QuantileSettings, objective: Objective): Pruner {
  return {
    judge(history, trial) {
      const completed = othersOf(history, trial).filter((other) => other.state === 'COMPLETE');
      if (completed.length === 0 || completed.length < settings.startupTrials) {
        return keep(
          `${completed.length} trials have completed, pruning starts at ${Math.max(1, settings.startupTrials)}`,
        );
      }
      if (!isLook(trial, settings)) return keep('no look at this step');
      return compare(trial, completed, settings, objective);
    },
  };
}
