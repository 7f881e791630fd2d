import type { Objective, Trial } from '../trial.ts';
import { type AnswersAt, isBetter, keep, othersOf, prune, type Pruner, shown } from './pruner.ts';
import { isLook } from './quantile.ts';
import { race } from './race.ts';
import type { RacingSettings } from './spec.ts';

/** How many looks the trial has had, the present one included. */
function looksOf(trial: Trial, settings: RacingSettings): number {
  let looks = 0;
  for (let seen = 1; seen <= trial.reports.length; seen++) {
    if (isLook({ ...trial, reports: trial.reports.slice(0, seen) }, settings)) looks += 1;
  }
  return looks;
}

/** Completed trials with answers at the step, the best of them first. */
function rivalsAt(
  history: readonly Trial[],
  trial: Trial,
  step: number,
  objective: Objective,
  answers: AnswersAt,
) {
  return othersOf(history, trial)
    .filter((other) => other.state === 'COMPLETE' && Number.isFinite(other.values[0]))
    .map((other) => ({ number: other.number, value: other.values[0]!, correct: answers(other.number, step) }))
    .filter((rival) => rival.correct !== undefined)
    .sort((a, b) =>
      isBetter(a.value, b.value, objective) ? -1 : a.value === b.value ? a.number - b.number : 1,
    );
}

/**
 * Prunes a trial that is significantly worse, on the same validation samples and at the same step, than the best
 * completed one: see {@link race} for the test and what it promises. Compares like with like: a slow starter that would
 * overtake later is worse at this step and may go, which `warmupSteps` is for.
 */
export function racingPruner(settings: RacingSettings, objective: Objective): Pruner {
  return {
    judge(history, trial, answers) {
      if (!answers) return keep('no predictions at hand to race on');
      if (!isLook(trial, settings)) return keep('no look at this step');
      const step = trial.reports.at(-1)!.step;
      const candidate = answers(trial.number, step);
      const rivals = rivalsAt(history, trial, step, objective, answers);
      const [best] = rivals;
      if (!candidate || !best)
        return keep(`no predictions of ${candidate ? 'a completed trial' : 'this trial'} at step ${step}`);
      const look = looksOf(trial, settings);
      const result = race({ ...settings, best: best.correct!, candidate, look, rivals: rivals.length });
      const words =
        `look ${look} of ${settings.looks}: ${result.onlyBest} samples only trial ${best.number} has right, ` +
        `${result.onlyCandidate} only this one; p ${shown(result.p)}, level ${shown(result.level)}`;
      return result.drop ? prune(words) : keep(words);
    },
  };
}
