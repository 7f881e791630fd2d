import { createPruner, type Pruner, type TrialState } from '@atelier/search';
import { isResultFree, trialLimit } from './candidates.ts';
import { Crew, type Member, type Note } from './crew.ts';
import { Docket, type DocketOptions } from './docket.ts';
import { SweepWorkerError } from './errors.ts';
import type { StopReason, SweepEvent } from './events.ts';
import { Mailbox } from './mailbox.ts';
import type { Ending, FromWorker } from './messages.ts';
import { toJsonRecord, type StoredTrial } from './store.ts';
import { wake } from './wake.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface SweepOptions extends DocketOptions {
  /** Who leads: the name of this process. */
  readonly owner: string;
  readonly startWorker: () => WorkerProcess;
  /** The sweep is not stored as it is in `spec`, and is to be. */
  readonly changed?: boolean | undefined;
  /** FAILED trials that are to be tried once more: all, or these numbers. */
  readonly retryFailed?: 'all' | readonly number[] | undefined;
  /** Aborted: running trials finish their epoch and go back into the queue. */
  readonly park?: AbortSignal | undefined;
  /** Aborted: they go back at once. */
  readonly abort?: AbortSignal | undefined;
  /** How long a silent scheduler counts as alive. */
  readonly leaseMs?: number | undefined;
}

type Status = 'FINISHED' | 'PAUSED' | 'STOPPED';

const LEASE_MS = 15_000;
/** Workers in a row that die before their first trial. */
const MOST_DEATHS = 3;

/** One sitting of a sweep, under its lead. */
class Scheduler {
  readonly #options: SweepOptions;
  readonly #mailbox = new Mailbox<Note>();
  readonly #crew: Crew;
  readonly #docket: Docket;
  readonly #pruner: Pruner | undefined;
  readonly #leaseMs: number;
  readonly #deadline: number;
  readonly #token: string;
  #stopping: StopReason | undefined;
  #deaths = 0;
  #renewedAt = performance.now();

  constructor(options: SweepOptions, token: string, leaseMs: number) {
    const { spec } = options;
    this.#options = options;
    this.#token = token;
    this.#leaseMs = leaseMs;
    this.#deadline = performance.now() + (spec.timeLimit ?? Infinity) * 1000;
    this.#crew = new Crew(options.startWorker, this.#mailbox);
    this.#docket = new Docket(options, token);
    if (spec.pruner.kind !== 'none')
      this.#pruner = createPruner(spec.pruner, { objective: spec.objectives[0]!, seed: spec.seed });
  }

  /** Trials by state. */
  get counts(): Record<TrialState, number> {
    return { ...this.#docket.history.counts };
  }

  get why(): StopReason | 'done' {
    return this.#stopping ?? 'done';
  }

  get status(): Status {
    if (this.#docket.isDone) return 'FINISHED';
    return this.#stopping === 'stop-requested' ? 'STOPPED' : 'PAUSED';
  }

  async *run(): AsyncGenerator<SweepEvent> {
    const { id, spec, store } = this.#options;
    const silence = wake(this.#mailbox, this.#options, Math.min(1000, this.#leaseMs / 4));
    try {
      const total = isResultFree(spec) ? undefined : trialLimit(spec);
      yield { type: 'started', counts: this.counts, total };
      if (isResultFree(spec)) yield* this.#docket.queueAll(() => void this.#renew());
      yield* this.#loop();
    } finally {
      silence();
      await this.#crew.dismiss(({ process }) => {
        for (const trial of store.reclaim(id, { workers: [process.name] })) this.#docket.history.put(trial);
      });
    }
  }

  /** Whether nothing runs here, and nothing will. */
  #isOver(): boolean {
    if (this.#crew.isActive) return false;
    return this.#stopping !== undefined || this.#docket.isDone;
  }

  async *#loop(): AsyncGenerator<SweepEvent> {
    for (;;) {
      yield* this.#assign();
      if (this.#isOver()) return;
      yield* this.#handle(await this.#mailbox.next());
    }
  }

  #hasWork(): boolean {
    return this.#docket.history.counts.QUEUED > this.#crew.count('claiming');
  }

  /** Gives every free worker a trial, and starts workers while there are fewer than there is work for. */
  *#assign(): Generator<SweepEvent> {
    if (this.#stopping === undefined && performance.now() > this.#deadline) yield* this.#stop('time-limit');
    if (this.#stopping !== undefined) return;
    for (const member of this.#crew.members) {
      if (member.state !== 'free') continue;
      yield* this.#docket.queueNext(() => this.#hasWork());
      if (!this.#hasWork()) return;
      member.state = 'claiming';
      member.process.send({ type: 'claim' });
    }
    yield* this.#recruit();
  }

  *#recruit(): Generator<SweepEvent> {
    const { docket, crew } = { docket: this.#docket, crew: this.#crew };
    while (crew.members.size < this.#options.spec.workers) {
      if (docket.exhausted && docket.history.counts.QUEUED <= crew.count('starting')) return;
      const { index: worker, process } = crew.hire();
      yield { type: 'worker-started', worker, pid: process.pid };
    }
  }

  *#handle(note: Note): Generator<SweepEvent> {
    if (note.kind === 'message') yield* this.#hear(note.member, note.message);
    else if (note.kind === 'exit') yield* this.#bury(note.member, note.reason);
    else if (note.kind === 'tick') yield* this.#tick();
    else {
      yield* this.#stop('interrupt');
      if (note.kind === 'abort') this.#crew.abort();
    }
  }

  *#hear(member: Member, message: FromWorker): Generator<SweepEvent> {
    const worker = member.index;
    switch (message.type) {
      case 'ready':
        if (member.state === 'starting') member.state = 'free';
        return yield { type: 'worker-ready', worker };
      case 'broken':
        member.state = 'leaving';
        throw new SweepWorkerError(message.failure.code, message.failure.message, message.failure.usage);
      case 'idle':
        member.state = 'free';
        this.#docket.refresh(this.#crew.names);
        return;
      case 'claimed':
        return yield* this.#claimed(member, message.number, message.attempt);
      case 'report':
        return yield* this.#reported(member, message);
      case 'run':
        this.#docket.history.change(message.number, { runId: message.runId });
        return;
      case 'ended':
        return yield* this.#ended(member, message.number, message.ending);
      case 'stale':
        member.state = 'leaving';
    }
  }

  *#claimed(member: Member, number: number, attempt: number): Generator<SweepEvent> {
    this.#deaths = 0;
    member.state = 'busy';
    member.since = performance.now();
    const change = { state: 'RUNNING', worker: member.process.name, startedAt: Date.now() } as const;
    const { parameters } = this.#docket.history.change(number, change);
    yield { type: 'trial-started', worker: member.index, number, attempt, parameters };
    // it was asked to stop while it was on its way
    if (this.#stopping === 'interrupt' || this.#stopping === 'stop-requested')
      member.process.send({ type: 'park' });
  }

  *#reported(
    { index: worker, process }: Member,
    { ask, number, step, value, correct }: Extract<FromWorker, { type: 'report' }>,
  ): Generator<SweepEvent> {
    const trial = this.#docket.history.report(number, step, value);
    if (correct !== undefined) this.#docket.history.answer(number, step, Buffer.from(correct, 'base64'));
    if (this.#pruner !== undefined) {
      const verdict = this.#pruner.judge(this.#docket.history.trials, trial, this.#docket.history.answersAt);
      process.send({ type: 'verdict', ask, ...verdict });
    }
    yield { type: 'trial-reported', worker, number, step, value };
  }

  *#ended(member: Member, number: number, ending: Ending): Generator<SweepEvent> {
    const seconds = (performance.now() - member.since) / 1000;
    member.state = 'free';
    const { state } = ending;
    if (state === 'PARKED' || state === 'RETRY' || state === 'LOST') {
      if (state === 'LOST') this.#docket.refresh(this.#crew.names);
      else this.#docket.history.change(number, { state: 'QUEUED', worker: undefined, reports: [] });
      const why = ({ PARKED: 'parked', RETRY: 'retry', LOST: 'lost' } as const)[state];
      return yield { type: 'trial-returned', number, why, ...('error' in ending && { error: ending.error }) };
    }
    const values = state === 'COMPLETE' ? ending.values : [];
    const { runId } = this.#docket.history.change(number, { state, values, endedAt: Date.now() });
    yield {
      ...{ type: 'trial-ended', worker: member.index, number, state, values, runId, seconds },
      ...('reason' in ending && { reason: ending.reason }),
      ...('error' in ending && { error: ending.error }),
    };
  }

  /** A worker's process has ended: what it had goes back, or has failed. */
  *#bury(member: Member, reason: string): Generator<SweepEvent> {
    this.#crew.members.delete(member);
    const { id, store } = this.#options;
    const sentAway =
      member.state === 'leaving' || (this.#stopping !== undefined && /^exit code 0/.test(reason));
    if (!sentAway) yield { type: 'worker-died', worker: member.index, reason };
    for (const trial of store.reclaim(id, { workers: [member.process.name] })) {
      this.#docket.history.put(trial);
      yield this.#lost(member, trial, reason);
    }
    if (member.state === 'leaving' || this.#stopping !== undefined) return;
    if (++this.#deaths < MOST_DEATHS) return;
    throw new SweepWorkerError(
      'SWEEP_WORKERS_DIE',
      `${MOST_DEATHS} workers in a row died before their first trial; the last: ${reason}`,
    );
  }

  #lost({ index: worker, since }: Member, trial: StoredTrial, reason: string): SweepEvent {
    const { number, runId } = trial;
    const error = { code: 'WORKER_DIED', message: reason };
    if (trial.state !== 'FAILED') return { type: 'trial-returned', number, why: 'lost', error };
    const seconds = (performance.now() - since) / 1000;
    return { type: 'trial-ended', worker, number, state: 'FAILED', values: [], runId, seconds, error };
  }

  #renew(): boolean {
    const { id, store } = this.#options;
    this.#renewedAt = performance.now();
    return store.renewLead(id, this.#token, this.#leaseMs).stopRequested;
  }

  *#tick(): Generator<SweepEvent> {
    if (performance.now() - this.#renewedAt > Math.min(1000, this.#leaseMs / 4)) {
      if (this.#renew() && this.#stopping === undefined) yield* this.#stop('stop-requested');
    }
    const own = this.#crew.names;
    // trials of workers that an earlier scheduler left behind
    if (this.#docket.history.running().some(({ worker }) => !own.has(worker ?? '')))
      this.#docket.refresh(own);
  }

  /** Starts no more; but for the end of time, running trials are put back after their epoch. */
  *#stop(why: StopReason): Generator<SweepEvent> {
    const first = this.#stopping === undefined;
    if (first || why === 'interrupt') this.#stopping = why;
    if (why !== 'time-limit') this.#crew.park();
    if (first) yield { type: 'stopping', why };
  }
}

/** Gives the lead back; whoever has it by now says how the sweep stands. */
function release({ id, store }: SweepOptions, token: string, status: Status): void {
  try {
    store.release(id, token, status);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'LEASE_LOST') throw error;
  }
}

/**
 * Carries a sweep out, or on: asks the sampler, keeps workers busy, asks the pruner, and tells of everything. Knows no
 * storage but through the store it is given, and starts no process but through `startWorker`. Ends when all trials
 * have ended, or paused; leaving it early parks what runs.
 * @throws with code SWEEP_BUSY where somebody else carries it out; GridTooLarge, SweepInvalid; SweepWorkerError where
 * workers cannot work; with code LEASE_LOST where this process was silent so long that another took over
 */
export async function* sweep(options: SweepOptions): AsyncGenerator<SweepEvent> {
  const { id, spec, store, owner, leaseMs = LEASE_MS } = options;
  trialLimit(spec);
  const token = store.lead(id, { owner, leaseMs });
  let scheduler: Scheduler | undefined;
  let status: Status = 'PAUSED';
  try {
    if (options.changed === true) store.changeSpec(id, token, toJsonRecord(spec));
    const { retryFailed } = options;
    const again =
      retryFailed === undefined
        ? []
        : store.requeue(id, token, retryFailed === 'all' ? undefined : retryFailed);
    if (again.length > 0) yield { type: 'requeued', numbers: again.map(({ number }) => number) };
    scheduler = new Scheduler(options, token, leaseMs);
    yield* scheduler.run();
    status = scheduler.status;
  } finally {
    release(options, token, status);
  }
  yield { type: 'finished', status, counts: scheduler.counts, why: scheduler.why };
}
