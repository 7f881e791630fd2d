import type { Objective, Trial } from '../trial.ts';
import {
  firstCompleted,
  isBetter,
  type Judgement,
  keep,
  othersOf,
  prune,
  type Pruner,
  shown,
} from './pruner.ts';
import { percentileOf } from './quantile.ts';
import type { AshaSettings } from './spec.ts';

/** Steps of the first rung where the settings leave it open; undefined until a trial has completed. */
function firstRung(history: readonly Trial[], { minResource }: AshaSettings): number | undefined {
  if (minResource !== 'auto') return minResource;
  const last = firstCompleted(history)?.reports.at(-1)?.step;
  return last === undefined ? undefined : Math.max(1, Math.floor(last / 100));
}

/** What a trial had when it came to a rung: its first value at or after the rung's step. */
function valueAt(trial: Trial, step: number): number | undefined {
  return trial.reports.find((report) => report.step >= step)?.value;
}

/** Rank among all that came to the rung, the trial included, as Optuna's SuccessiveHalvingPruner. */
function passesHalving(
  value: number,
  others: readonly number[],
  settings: AshaSettings,
  objective: Objective,
): boolean {
  const all = [...others, value];
  if (all.length <= settings.bootstrapCount) return false;
  const promoted = Math.max(1, Math.floor(all.length / settings.reductionFactor));
  // fewer than `promoted` strictly better ones: ties pass together
  return all.filter((other) => isBetter(other, value, objective)).length < promoted;
}

/** Against the best 1/eta quantile of those before, as the stopping form of ASHA in Ray Tune. */
function passesQuantile(
  value: number,
  others: readonly number[],
  settings: AshaSettings,
  objective: Objective,
): boolean {
  if (others.length === 0) return true;
  if (others.length < settings.bootstrapCount) return false;
  const share = 100 / settings.reductionFactor;
  const sorted = Float64Array.from(others).sort();
  const bar = percentileOf(sorted, objective.direction === 'maximize' ? 100 - share : share);
  return !isBetter(bar, value, objective);
}

interface Rung {
  readonly rung: number;
  readonly step: number;
}

/** The rungs that the last report is the first to reach, by step. */
function* reached(trial: Trial, first: number, settings: AshaSettings): Iterable<Rung> {
  const now = trial.reports.at(-1)!.step;
  const before = trial.reports.at(-2)?.step ?? -Infinity;
  for (let rung = 0; ; rung++) {
    const step = first * settings.reductionFactor ** (settings.minEarlyStoppingRate + rung);
    if (step > now) return;
    if (step > before) yield { rung, step };
  }
}

function judgeRungs(
  history: readonly Trial[],
  trial: Trial,
  settings: AshaSettings,
  objective: Objective,
): Judgement {
  const first = firstRung(history, settings);
  if (first === undefined) return keep('the first rung is set once a trial has completed');
  const value = trial.reports.at(-1)!.value;
  const passes = settings.rule === 'halving' ? passesHalving : passesQuantile;
  let words = 'between two rungs';
  for (const { rung, step } of reached(trial, first, settings)) {
    if (Number.isNaN(value)) return prune(`the value at rung ${rung} (step ${step}) is NaN`);
    const others = othersOf(history, trial)
      .map((other) => valueAt(other, step))
      .filter((other) => other !== undefined && !Number.isNaN(other)) as number[];
    const better = others.filter((other) => isBetter(other, value, objective)).length;
    words = `${shown(value)} at rung ${rung} (step ${step}): ${better} of ${others.length} others were better, one in ${settings.reductionFactor} goes on`;
    if (!passes(value, others, settings, objective)) return prune(words);
  }
  return keep(words);
}

/**
 * Asynchronous successive halving: Li et al., "A System for Massively Parallel Hyperparameter Tuning" (MLSys 2020), in
 * the form that stops trials and never takes one up again. At each rung a trial must be among the best 1/eta of those
 * that came there before it. `bootstrapCount: eta - 1` is the paper's own rule, where the first eta - 1 are not
 * promotable; with 0 the best so far passes, as in Optuna.
 *
 * Two places where a pure function of the history differs from Optuna's, which notes rungs as it goes: a report
 * that jumps over several rungs counts at all of them, even where it was pruned at the first; and with `minResource: 'auto'`
 * trials that ran before the first one completed count at the rungs too.
 */
export function ashaPruner(settings: AshaSettings, objective: Objective): Pruner {
  return {
    judge(history, trial) {
      if (trial.reports.length === 0) return keep('nothing reported yet');
      return judgeRungs(history, trial, settings, objective);
    },
  };
}
