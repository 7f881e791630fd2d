import { TrialDiverged, TrialParked, TrialPruned, WorkerStale } from './errors.ts';
import { checkReport, failureOf, valuesFrom } from './foreign-values.ts';
import type { Ending, FromWorker, ToWorker } from './messages.ts';
import type { StoredTrial, WorkerStore } from './store.ts';

export interface ReportOptions {
  /** Nothing comes after it: the trial is not worth parking any more. */
  readonly last?: boolean;
  /** One byte per validation sample, 1 for right. */
  readonly correct?: Uint8Array | undefined;
}

/** What a runner has of the sweep while it runs a trial. */
export interface TrialContext {
  /** Aborted with TrialPruned, TrialParked or the loss of the lease. */
  readonly signal: AbortSignal;
  /**
   * Tells a value on the way and asks the pruner. Rejects with the signal's reason where the trial should end here.
   */
  report(step: number, value: number, options?: ReportOptions): Promise<void>;
  /** The trial is recorded as this run. */
  attachRun(runId: number): void;
}

/**
 * Runs one trial to its values, a number or one per objective; throws the signal's reason where it was ended. What it gives
 * is checked.
 */
export type TrialRunner = (trial: StoredTrial, context: TrialContext) => Promise<unknown>;

/** The way to the scheduler and back. */
export interface WorkerPort {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
  /** The scheduler is gone. */
  onClosed(listener: () => void): void;
}

export interface WorkerOptions {
  readonly sweepId: number;
  readonly store: WorkerStore;
  readonly port: WorkerPort;
  readonly run: TrialRunner;
  /** Claims trials under this name. */
  readonly name: string;
  readonly leaseMs: number;
  readonly objectives: number;
  /** Whether somebody judges reports. */
  readonly asksPruner: boolean;
}

/** @throws TrialDiverged for numbers that are not finite */
function checkFinite(values: readonly number[]): void {
  if (!values.every(Number.isFinite)) throw new TrialDiverged(`its value is ${values.join(', ')}`);
}

const isLost = (error: unknown): boolean => (error as { code?: unknown })?.code === 'LEASE_LOST';

interface Verdict {
  readonly prune: boolean;
  readonly reason: string;
}

/** One claim of one trial. */
export class Attempt implements TrialContext {
  readonly #options: WorkerOptions;
  readonly #controller = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #asked = new Map<number, (verdict: Verdict) => void>();
  readonly #answers: Promise<void>[] = [];
  readonly trial: StoredTrial;
  readonly token: string;
  #asks = 0;
  parking = false;
  /** The trial's code is at fault, wherever it ran. */
  #fault: { readonly error: unknown } | undefined;
  #stop: (error: Error) => void = () => {};
  /** This process cannot run it. */
  stale = false;

  constructor(options: WorkerOptions, trial: StoredTrial, token: string) {
    this.#options = options;
    this.trial = trial;
    this.token = token;
    this.#heartbeat = setInterval(() => this.#beat(), options.leaseMs / 4);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(reason: Error): void {
    this.#controller.abort(reason);
    for (const answer of this.#asked.values()) answer({ prune: false, reason: '' });
  }

  /** Calls the store; a lost lease ends the attempt. */
  #write(call: (store: WorkerStore) => void): void {
    try {
      call(this.#options.store);
    } catch (error) {
      if (isLost(error)) this.end(error as Error);
      throw error;
    }
  }

  #beat(): void {
    const { store, leaseMs } = this.#options;
    try {
      if (store.heartbeat(this.trial.id, this.token, leaseMs).stop) this.parking = true;
    } catch (error) {
      // a busy database is no reason to give up: the next beat tries again
      if (isLost(error)) this.end(error as Error);
    }
  }

  /** Ends the trial as FAILED, whatever it is at: an error escaped it. */
  fault(error: unknown): void {
    this.#fault ??= { error };
    this.end(new Error('the trial failed'));
    this.#stop(new Error('the trial failed'));
  }

  report(step: number, value: number, options: ReportOptions = {}): Promise<void> {
    const answer = this.#report(step, value, options);
    // whoever does not wait for it hears of it by the signal
    answer.catch(() => {});
    this.#answers.push(answer.catch(() => {}));
    return answer;
  }

  async #report(step: number, value: number, { last, correct }: ReportOptions): Promise<void> {
    this.signal.throwIfAborted();
    try {
      checkReport(step, value);
    } catch (error) {
      this.fault(error);
      throw error;
    }
    const { port, asksPruner } = this.#options;
    const { id, number } = this.trial;
    this.#write((store) => store.report(id, this.token, { step, value }));
    const ask = ++this.#asks;
    const answers = correct && { correct: Buffer.from(correct).toString('base64') };
    port.send({ type: 'report', ask, number, step, value, ...answers });
    if (asksPruner) {
      const verdict = await new Promise<Verdict>((resolve) => this.#asked.set(ask, resolve));
      if (verdict.prune) this.end(new TrialPruned(verdict.reason));
    }
    if (this.parking && last !== true) this.end(new TrialParked());
    this.signal.throwIfAborted();
  }

  answer(ask: number, verdict: Verdict): void {
    this.#asked.get(ask)?.(verdict);
    this.#asked.delete(ask);
  }

  attachRun(runId: number): void {
    this.#write((store) => store.attachRun(this.trial.id, this.token, runId));
    this.#options.port.send({ type: 'run', number: this.trial.number, runId });
  }

  async #outcome(): Promise<Ending> {
    const { store, run, objectives } = this.#options;
    const { id } = this.trial;
    try {
      const stopped = new Promise<never>((_, reject) => (this.#stop = reject));
      const returned = await Promise.race([run(this.trial, this), stopped]);
      await Promise.all(this.#answers);
      if (this.#fault || this.signal.reason instanceof TrialPruned) throw this.signal.reason;
      const values = valuesFrom(returned, objectives);
      checkFinite(values);
      store.complete(id, this.token, values);
      return { state: 'COMPLETE', values };
    } catch (error) {
      return this.#failed(this.#fault ? this.#fault.error : error);
    }
  }

  #failed(error: unknown): Ending {
    const { store } = this.#options;
    const { id } = this.trial;
    if (isLost(error)) return { state: 'LOST' };
    if (error instanceof TrialPruned || error instanceof TrialDiverged) {
      store.prune(id, this.token, error.message);
      return { state: 'PRUNED', reason: error.message };
    }
    if (error instanceof TrialParked || error instanceof WorkerStale) {
      this.stale = error instanceof WorkerStale;
      store.park(id, this.token);
      return { state: 'PARKED' };
    }
    const failure = failureOf(error);
    const state = store.fail(id, this.token, failure);
    return { state: state === 'RETRY' ? 'RETRY' : 'FAILED', error: failure };
  }

  /** Runs the trial and stores how it ended. */
  async run(): Promise<Ending> {
    try {
      return await this.#outcome();
    } catch (error) {
      if (isLost(error)) return { state: 'LOST' };
      throw error;
    } finally {
      clearInterval(this.#heartbeat);
    }
  }
}
