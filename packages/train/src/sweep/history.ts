import type { TrialState } from '@atelier/search';
import type { StoredTrial } from './store.ts';

/** All trials of a sweep as the scheduler knows them, by their number. */
export class History {
  readonly trials: StoredTrial[] = [];
  readonly counts: Record<TrialState, number> = { QUEUED: 0, RUNNING: 0, COMPLETE: 0, PRUNED: 0, FAILED: 0 };

  readonly #answers = new Map<string, Uint8Array>();

  /** Which validation samples a trial had right at a step, one byte each; of this sitting only. */
  readonly answersAt = (number: number, step: number): Uint8Array | undefined =>
    this.#answers.get(`${number}/${step}`);

  answer(number: number, step: number, correct: Uint8Array): void {
    this.#answers.set(`${number}/${step}`, correct);
  }

  /** Takes a trial as the store has it. */
  put(trial: StoredTrial): void {
    const before = this.trials[trial.number];
    if (before !== undefined) this.counts[before.state]--;
    this.counts[trial.state]++;
    this.trials[trial.number] = trial;
  }

  get(number: number): StoredTrial {
    return this.trials[number]!;
  }

  change(number: number, change: Partial<StoredTrial>): StoredTrial {
    const trial = { ...this.get(number), ...change };
    this.put(trial);
    return trial;
  }

  report(number: number, step: number, value: number): StoredTrial {
    const { reports } = this.get(number);
    // a trial that is tried again reports its first steps again
    const earlier = reports.filter((report) => report.step < step);
    return this.change(number, { reports: [...earlier, { step, value }] });
  }

  running(): StoredTrial[] {
    return this.counts.RUNNING === 0 ? [] : this.trials.filter(({ state }) => state === 'RUNNING');
  }
}
