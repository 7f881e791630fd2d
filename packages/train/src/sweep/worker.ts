import { TrialParked, TrialPruned, WorkerStale } from './errors.ts';
import type { Ending, Failure, FromWorker, ToWorker } from './messages.ts';
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

/** Runs one trial to its values, one per objective; throws the signal's reason where it was ended. */
export type TrialRunner = (trial: StoredTrial, context: TrialContext) => Promise<readonly number[]>;

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

/** How long a trial may take to leave by itself when it has to end at once. */
const GRACE_MS = 3000;

export function failureOf(error: unknown): Failure {
  const { code, message } = error as Partial<Failure>;
  const named = typeof code === 'string' ? code : 'UNEXPECTED';
  return { code: named, message: typeof message === 'string' ? message : String(error) };
}

const isLost = (error: unknown): boolean => (error as { code?: unknown })?.code === 'LEASE_LOST';

/** One claim of one trial. */
class Attempt implements TrialContext {
  readonly #options: WorkerOptions;
  readonly #controller = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #asked = new Map<number, (verdict: { prune: boolean; reason: string }) => void>();
  readonly #answers: Promise<void>[] = [];
  readonly trial: StoredTrial;
  readonly token: string;
  #asks = 0;
  parking = false;
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

  report(step: number, value: number, options: ReportOptions = {}): Promise<void> {
    const answer = this.#report(step, value, options);
    // whoever does not wait for it hears of it by the signal
    answer.catch(() => {});
    this.#answers.push(answer.catch(() => {}));
    return answer;
  }

  async #report(step: number, value: number, { last, correct }: ReportOptions): Promise<void> {
    this.signal.throwIfAborted();
    const { port, asksPruner } = this.#options;
    const { id, number } = this.trial;
    this.#write((store) => store.report(id, this.token, { step, value }));
    const ask = ++this.#asks;
    const answers = correct && { correct: Buffer.from(correct).toString('base64') };
    port.send({ type: 'report', ask, number, step, value, ...answers });
    if (asksPruner) {
      const verdict = await new Promise<{ prune: boolean; reason: string }>((resolve) =>
        this.#asked.set(ask, resolve),
      );
      if (verdict.prune) this.end(new TrialPruned(verdict.reason));
    }
    if (this.parking && last !== true) this.end(new TrialParked());
    this.signal.throwIfAborted();
  }

  answer(ask: number, verdict: { prune: boolean; reason: string }): void {
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
      const values = await run(this.trial, this);
      await Promise.all(this.#answers);
      if (this.signal.reason instanceof TrialPruned) throw this.signal.reason;
      if (values.length !== objectives || !values.every(Number.isFinite))
        throw Object.assign(
          new Error(`expected ${objectives} finite number(s), got ${JSON.stringify(values.map(String))}`),
          { code: 'OBJECTIVE_VALUES' },
        );
      store.complete(id, this.token, [...values]);
      return { state: 'COMPLETE', values };
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): Ending {
    const { store } = this.#options;
    const { id } = this.trial;
    if (isLost(error)) return { state: 'LOST' };
    if (error instanceof TrialPruned) {
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
