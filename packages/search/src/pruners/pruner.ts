import type { Objective, Report, Trial } from '../trial.ts';

/** Whether a trial goes on, and why, in words for the log. */
export interface Judgement {
  readonly prune: boolean;
  readonly reason: string;
}

/**
 * Which validation samples a trial had right at a step: one byte per sample, 1 for right, the samples in the same order
 * for every trial. Undefined where nothing was recorded.
 */
export type AnswersAt = (trial: number, step: number) => Uint8Array | undefined;

/** Decides about running trials; a pure function of what it is given. */
export interface Pruner {
  /**
   * To be asked after each report.
   * @param history all trials of the sweep with their reports; the one judged may be among them.
   * @param trial the one judged, with its reports so far.
   * @param answers needed by `racing` alone.
   */
  judge(history: readonly Trial[], trial: Trial, answers?: AnswersAt): Judgement;
}

export interface PrunerContext {
  readonly objective: Objective;
  /** Decides the brackets of Hyperband; nothing else is left to chance. */
  readonly seed: number;
}

export function keep(reason: string): Judgement {
  return { prune: false, reason };
}

export function prune(reason: string): Judgement {
  return { prune: true, reason };
}

/** True where `a` is strictly better than `b`. NaN is better than nothing and nothing is better than NaN. */
export function isBetter(a: number, b: number, { direction }: Objective): boolean {
  return direction === 'maximize' ? a > b : a < b;
}

/** The best value that is a number; NaN for none. */
export function bestOf(values: readonly number[], objective: Objective): number {
  return values
    .filter((value) => !Number.isNaN(value))
    .reduce((best, value) => (Number.isNaN(best) || isBetter(value, best, objective) ? value : best), NaN);
}

export function lastReport(trial: Trial): Report | undefined {
  return trial.reports.at(-1);
}

/** Trials other than the one judged: its state in the history may be behind. */
export function othersOf(history: readonly Trial[], trial: Trial): readonly Trial[] {
  return history.filter((other) => other.number !== trial.number);
}

/** The trial that completed first, which is where `auto` settings are taken from: later ones never move them. */
export function firstCompleted(history: readonly Trial[]): Trial | undefined {
  let first: Trial | undefined;
  for (const trial of history) {
    if (trial.state !== 'COMPLETE' || trial.reports.length === 0) continue;
    const [ended, earliest] = [trial.endedAt ?? Infinity, first?.endedAt ?? Infinity];
    if (!first || ended < earliest || (ended === earliest && trial.number < first.number)) first = trial;
  }
  return first;
}

/** A number as a log line shows it. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(5)));
}
