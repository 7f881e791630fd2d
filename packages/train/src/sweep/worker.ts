import { Attempt, type WorkerOptions } from './attempt.ts';
import { TrialParked } from './errors.ts';
import type { ToWorker } from './messages.ts';

/** How long a trial may take to leave by itself when it has to end at once. */
const GRACE_MS = 3000;

/**
 * Runs trials one after another, as the scheduler asks. Resolves when it is told to go, or the scheduler is gone: then
 * the present trial is put back into the queue first.
 */
export class SweepWorker {
  readonly #options: WorkerOptions;
  #attempt: Attempt | undefined;
  #leaving = false;
  #leave: () => void = () => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async work(): Promise<void> {
    const { port } = this.#options;
    const gone = new Promise<void>((resolve, reject) => {
      this.#leave = resolve;
      port.onMessage((message) => void this.#obey(message).catch(reject));
      port.onClosed(() => this.#endNow());
    });
    port.send({ type: 'ready' });
    await gone;
  }

  async #obey(message: ToWorker): Promise<void> {
    if (message.type === 'claim') await this.#claim();
    else if (message.type === 'verdict') this.#attempt?.answer(message.ask, message);
    else if (message.type === 'park' && this.#attempt) this.#attempt.parking = true;
    else if (message.type === 'abort') this.#endNow();
    else if (message.type === 'exit') this.#leave();
  }

  /** An error escaped the present trial. @returns whether there is one to blame */
  fault(error: unknown): boolean {
    this.#attempt?.fault(error);
    return this.#attempt !== undefined;
  }

  /** The process ends: what the present trial was is stored at once. */
  exiting(code: number): void {
    if (this.#attempt === undefined || this.#leaving) return;
    const { trial, token } = this.#attempt;
    const failure = {
      code: 'OBJECTIVE_EXIT',
      message: `expected the objective to return or throw, it ended its process with code ${code}`,
    };
    try {
      this.#options.store.fail(trial.id, token, failure);
    } catch {
      // its lease runs out by itself
    }
  }

  /** Puts the present trial back and goes; a trial that does not listen is left behind. */
  #endNow(): void {
    this.#leaving = true;
    const attempt = this.#attempt;
    if (attempt === undefined) return this.#leave();
    attempt.end(new TrialParked());
    setTimeout(() => {
      if (this.#attempt === attempt) {
        try {
          this.#options.store.park(attempt.trial.id, attempt.token);
        } catch {
          // its lease runs out by itself
        }
      }
      this.#leave();
    }, GRACE_MS).unref();
  }

  async #claim(): Promise<void> {
    const { store, port, sweepId, name: worker, leaseMs } = this.#options;
    const claim = store.claim(sweepId, { worker, leaseMs });
    if (claim === undefined) return port.send({ type: 'idle' });
    const { trial, token, attempt } = claim;
    port.send({ type: 'claimed', number: trial.number, attempt });
    this.#attempt = new Attempt(this.#options, trial, token);
    const ending = await this.#attempt.run();
    const { stale } = this.#attempt;
    this.#attempt = undefined;
    port.send({ type: 'ended', number: trial.number, ending });
    if (stale) port.send({ type: 'stale' });
    if (stale || this.#leaving) this.#leave();
  }
}
