import type { TrialState } from '@atelier/search';
import type { StoredTrial } from './store.ts';

/** Reads what a trial's run kept of its answers at a step; undefined where it kept none. */
export type StoredAnswers = (trial: StoredTrial, step: number) => Uint8Array | undefined;

/** All trials of a sweep as the scheduler knows them, by their number. */
export class History {
  readonly trials: StoredTrial[] = [];
  readonly counts: Record<TrialState, number> = { QUEUED: 0, RUNNING: 0, COMPLETE: 0, PRUNED: 0, FAILED: 0 };

  readonly #answers = new Map<string, Uint8Array>();
  /** Asked already, and not there. */
  readonly #missing = new Set<string>();
  readonly #stored: StoredAnswers | undefined;

  /** @param stored answers of trials that earlier sittings completed */
  constructor(stored?: StoredAnswers) {
    this.#stored = stored;
  }

  /** Which validation samples a trial had right at a step, one byte each. */
  readonly answersAt = (number: number, step: number): Uint8Array | undefined => {
    const key = `${number}/${step}`;
    const known = this.#answers.get(key);
    const trial = this.trials[number];
    // what another trial will say later is not known to be missing
    if (known !== undefined || trial?.state !== 'COMPLETE' || this.#missing.has(key)) return known;
    const found = this.#stored?.(trial, step);
    if (found === undefined) this.#missing.add(key);
    else this.#answers.set(key, found);
    return found;
  };

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
