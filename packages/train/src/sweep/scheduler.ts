import { createPruner, type Pruner } from '@atelier/search';
import { Candidates, isResultFree, trialLimit, type Candidate } from './candidates.ts';
import { SweepWorkerError } from './errors.ts';
import type { StopReason, SweepEvent } from './events.ts';
import { History } from './history.ts';
import { Mailbox } from './mailbox.ts';
import type { Ending, FromWorker } from './messages.ts';
import { isGone } from './process-name.ts';
import type { SweepSpec } from './spec.ts';
import { toJsonRecord, type Queued, type SchedulerStore, type StoredTrial, type TrialPlan } from './store.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface SweepOptions {
  /** Of the sweep in the store. */
  readonly id: number;
  readonly spec: SweepSpec;
  readonly store: SchedulerStore;
  /** Who leads: the name of this process. */
  readonly owner: string;
  readonly startWorker: () => WorkerProcess;
  /** A candidate's identity and configuration. */
  readonly plan: (candidate: Candidate) => TrialPlan;
  /** The sweep is not stored as it is in `spec`, and is to be. */
  readonly changed?: boolean | undefined;
  /** Aborted: running trials finish their epoch and go back into the queue. */
  readonly park?: AbortSignal | undefined;
  /** Aborted: they go back at once. */
  readonly abort?: AbortSignal | undefined;
  /** How long a silent scheduler counts as alive. */
  readonly leaseMs?: number | undefined;
}

/** A worker and what it is at. */
interface Member {
  readonly index: number;
  readonly process: WorkerProcess;
  state: 'starting' | 'free' | 'claiming' | 'busy' | 'leaving';
  trial: number | undefined;
  since: number;
}

type Note =
  | { readonly kind: 'message'; readonly member: Member; readonly message: FromWorker }
  | { readonly kind: 'exit'; readonly member: Member; readonly reason: string }
  | { readonly kind: 'tick' | 'park' | 'abort' };

const LEASE_MS = 15_000;
/** Candidates queued in one transaction. */
const BATCH = 500;
/** Points in a row that were all there already, after which a sampler is taken to have no new one. */
const MOST_REPEATS = 200;
/** Workers in a row that die before their first trial. */
const MOST_DEATHS = 3;
/** How long workers have to go by themselves. */
const GRACE_MS = 5000;

/** One sitting of a sweep. */
class Scheduler {
  readonly #options: SweepOptions;
  readonly #history = new History();
  readonly #mailbox = new Mailbox<Note>();
  readonly #members = new Set<Member>();
  readonly #pruner: Pruner | undefined;
  readonly #leaseMs: number;
  readonly #deadline: number;
  #candidates!: Candidates;
  #exhausted = false;
  #stopping: StopReason | undefined;
  #deaths = 0;
  #token = '';
  #renewedAt = 0;

  constructor(options: SweepOptions) {
    const { spec } = options;
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#deadline = performance.now() + (spec.timeLimit ?? Infinity) * 1000;
    if (spec.pruner.kind !== 'none')
      this.#pruner = createPruner(spec.pruner, { objective: spec.objectives[0]!, seed: spec.seed });
  }

  async *run(): AsyncGenerator<SweepEvent> {
    const { id, store, spec, owner, park, abort } = this.#options;
    const limit = trialLimit(spec);
    this.#token = store.lead(id, { owner, leaseMs: this.#leaseMs });
    this.#renewedAt = performance.now();
    if (this.#options.changed === true) store.changeSpec(id, this.#token, toJsonRecord(spec));
    const onPark = (): void => this.#mailbox.put({ kind: 'park' });
    const onAbort = (): void => this.#mailbox.put({ kind: 'abort' });
    park?.addEventListener('abort', onPark);
    abort?.addEventListener('abort', onAbort);
    const timer = setInterval(
      () => this.#mailbox.put({ kind: 'tick' }),
      Math.min(1000, this.#leaseMs / 4),
    );
    let status: 'FINISHED' | 'PAUSED' | 'STOPPED' = 'PAUSED';
    try {
      this.#takeOver();
      yield { type: 'started', counts: { ...this.#history.counts }, total: this.#total(limit) };
      if (isResultFree(spec)) yield* this.#queueAll();
      yield* this.#loop();
      status = this.#status();
    } finally {
      clearInterval(timer);
      park?.removeEventListener('abort', onPark);
      abort?.removeEventListener('abort', onAbort);
      await this.#dismiss();
      this.#release(status);
    }
    const counts = { ...this.#history.counts };
    yield { type: 'finished', status, counts, why: this.#stopping ?? 'done' };
  }

  #release(status: 'FINISHED' | 'PAUSED' | 'STOPPED'): void {
    const { id, store } = this.#options;
    try {
      store.release(id, this.#token, status);
    } catch (error) {
      // whoever leads by now says how it stands
      if ((error as { code?: unknown }).code !== 'LEASE_LOST') throw error;
    }
  }

  #status(): 'FINISHED' | 'PAUSED' | 'STOPPED' {
    const { QUEUED, RUNNING } = this.#history.counts;
    if (QUEUED === 0 && RUNNING === 0 && this.#exhausted) return 'FINISHED';
    return this.#stopping === 'stop-requested' ? 'STOPPED' : 'PAUSED';
  }

  #total(limit: number): number | undefined {
    return isResultFree(this.#options.spec) ? undefined : limit;
  }

  /** Reads what is there, and takes trials from workers that are gone. */
  #takeOver(): void {
    this.#refresh();
    this.#candidates = new Candidates(this.#options.spec, this.#history.trials);
  }

  #refresh(): StoredTrial[] {
    const { id, store } = this.#options;
    for (const trial of store.trials(id, { reports: true })) this.#history.put(trial);
    const own = new Set([...this.#members].map(({ process }) => process.name));
    const dead = this.#history
      .running()
      .flatMap(({ worker }) => (worker !== undefined && !own.has(worker) && isGone(worker) ? [worker] : []));
    const reclaimed = store.reclaim(id, { workers: dead });
    for (const trial of reclaimed) this.#history.put(trial);
    return reclaimed;
  }

  /** Queues candidates. Returns how many were new, and those that an equal finished trial answered. */
  #enqueue(candidates: readonly Candidate[]): Queued[] {
    const { id, store, plan } = this.#options;
    const queued = store.enqueue(id, this.#token, candidates.map(plan));
    for (const { trial } of queued) this.#history.put(trial);
    return queued;
  }

  *#tell(queued: readonly Queued[]): Generator<SweepEvent> {
    const added = queued.filter(({ outcome }) => outcome === 'ADDED').length;
    const reused = queued
      .filter(({ outcome }) => outcome === 'REUSED')
      .map(({ number, trial }) => ({ number, from: trial.reusedFrom }));
    if (added > 0 || reused.length > 0) yield { type: 'queued', added, reused };
  }

  /** Queues all there will ever be: for samplers that learn nothing. */
  *#queueAll(): Generator<SweepEvent> {
    for (;;) {
      const batch: Candidate[] = [];
      while (batch.length < BATCH && !this.#exhausted) {
        const next = this.#candidates.next([]);
        if (next === undefined) this.#exhausted = true;
        else batch.push(...next);
      }
      if (batch.length === 0) return;
      yield* this.#tell(this.#enqueue(batch));
      this.#renew();
    }
  }

  /** Asks the sampler until something new waits in the queue. */
  *#queueNext(): Generator<SweepEvent> {
    for (let repeats = 0; !this.#exhausted && !this.#hasWork(); repeats++) {
      const next = repeats > MOST_REPEATS ? undefined : this.#candidates.next(this.#history.trials);
      if (next === undefined) this.#exhausted = true;
      else yield* this.#tell(this.#enqueue(next));
    }
  }

  #hasWork(): boolean {
    const claiming = [...this.#members].filter(({ state }) => state === 'claiming').length;
    return this.#history.counts.QUEUED > claiming;
  }

  /** Whether somebody could still take a trial. */
  #isOver(): boolean {
    const active = [...this.#members].some(({ state }) => state === 'busy' || state === 'claiming');
    if (active) return false;
    if (this.#stopping !== undefined) return true;
    const { QUEUED, RUNNING } = this.#history.counts;
    return QUEUED === 0 && RUNNING === 0 && this.#exhausted;
  }

  async *#loop(): AsyncGenerator<SweepEvent> {
    const { park, abort } = this.#options;
    if (park?.aborted) this.#mailbox.put({ kind: 'park' });
    if (abort?.aborted) this.#mailbox.put({ kind: 'abort' });
    for (;;) {
      yield* this.#assign();
      if (this.#isOver()) return;
      yield* this.#handle(await this.#mailbox.next());
    }
  }

  /** Gives every free worker a trial, and starts workers while there are fewer than there is work for. */
  *#assign(): Generator<SweepEvent> {
    if (this.#stopping === undefined && performance.now() > this.#deadline) yield* this.#stop('time-limit');
    if (this.#stopping !== undefined) return;
    for (const member of this.#members) {
      if (member.state !== 'free') continue;
      yield* this.#queueNext();
      if (!this.#hasWork()) return;
      member.state = 'claiming';
      member.process.send({ type: 'claim' });
    }
    yield* this.#recruit();
  }

  *#recruit(): Generator<SweepEvent> {
    const { workers } = this.#options.spec;
    while (this.#members.size < workers) {
      const starting = [...this.#members].filter(({ state }) => state === 'starting').length;
      if (this.#exhausted && this.#history.counts.QUEUED <= starting) return;
      yield this.#hire();
    }
  }

  #hire(): SweepEvent {
    const taken = new Set([...this.#members].map(({ index }) => index));
    let index = 0;
    while (taken.has(index)) index++;
    const process = this.#options.startWorker();
    const member: Member = { index, process, state: 'starting', trial: undefined, since: 0 };
    process.onMessage((message) => this.#mailbox.put({ kind: 'message', member, message }));
    process.onExit((reason) => this.#mailbox.put({ kind: 'exit', member, reason }));
    this.#members.add(member);
    return { type: 'worker-started', worker: index, pid: process.pid };
  }

  *#handle(note: Note): Generator<SweepEvent> {
    if (note.kind === 'message') yield* this.#hear(note.member, note.message);
    else if (note.kind === 'exit') yield* this.#bury(note.member, note.reason);
    else if (note.kind === 'tick') yield* this.#tick();
    else yield* this.#stop('interrupt', note.kind);
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
        this.#refresh();
        return;
      case 'claimed':
        return yield* this.#claimed(member, message.number, message.attempt);
      case 'report':
        return yield* this.#reported(member, message);
      case 'run':
        this.#history.change(message.number, { runId: message.runId });
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
    member.trial = number;
    member.since = performance.now();
    const change = { state: 'RUNNING', worker: member.process.name, startedAt: Date.now() } as const;
    const { parameters } = this.#history.change(number, change);
    yield { type: 'trial-started', worker: member.index, number, attempt, parameters };
    // it was asked to stop while it was on its way
    if (this.#stopping === 'interrupt' || this.#stopping === 'stop-requested')
      member.process.send({ type: 'park' });
  }

  *#reported(
    { index: worker, process }: Member,
    { ask, number, step, value, correct }: Extract<FromWorker, { type: 'report' }>,
  ): Generator<SweepEvent> {
    const trial = this.#history.report(number, step, value);
    if (correct !== undefined) this.#history.answer(number, step, Buffer.from(correct, 'base64'));
    if (this.#pruner !== undefined) {
      const verdict = this.#pruner.judge(this.#history.trials, trial, this.#history.answersAt);
      process.send({ type: 'verdict', ask, ...verdict });
    }
    yield { type: 'trial-reported', worker, number, step, value };
  }

  *#ended(member: Member, number: number, ending: Ending): Generator<SweepEvent> {
    const seconds = (performance.now() - member.since) / 1000;
    member.trial = undefined;
    member.state = 'free';
    const { state } = ending;
    if (state === 'PARKED' || state === 'RETRY' || state === 'LOST') {
      if (state === 'LOST') this.#refresh();
      else this.#history.change(number, { state: 'QUEUED', worker: undefined, reports: [] });
      const why = ({ PARKED: 'parked', RETRY: 'retry', LOST: 'lost' } as const)[state];
      return yield { type: 'trial-returned', number, why, ...('error' in ending && { error: ending.error }) };
    }
    const values = state === 'COMPLETE' ? ending.values : [];
    const { runId } = this.#history.change(number, { state, values, endedAt: Date.now() });
    yield {
      ...{ type: 'trial-ended', worker: member.index, number, state, values, runId, seconds },
      ...('reason' in ending && { reason: ending.reason }),
      ...('error' in ending && { error: ending.error }),
    };
  }

  /** A worker's process has ended: what it had goes back, or has failed. */
  *#bury(member: Member, reason: string): Generator<SweepEvent> {
    this.#members.delete(member);
    const { id, store } = this.#options;
    const sentAway = member.state === 'leaving' || (this.#stopping !== undefined && /^exit code 0/.test(reason));
    if (!sentAway) yield { type: 'worker-died', worker: member.index, reason };
    for (const trial of store.reclaim(id, { workers: [member.process.name] })) {
      this.#history.put(trial);
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
    if (performance.now() - this.#renewedAt > this.#leaseMs / 4 || this.#leaseMs <= 4000) {
      if (this.#renew() && this.#stopping === undefined) yield* this.#stop('stop-requested');
    }
    const own = new Set([...this.#members].map(({ process }) => process.name));
    // trials of workers that an earlier scheduler left behind
    if (this.#history.running().some(({ worker }) => !own.has(worker ?? ''))) this.#refresh();
  }

  *#stop(why: StopReason, how: 'park' | 'abort' = 'park'): Generator<SweepEvent> {
    const first = this.#stopping === undefined;
    if (first || how === 'abort') this.#stopping = why;
    for (const { state, process } of this.#members) {
      if (how === 'abort') process.send({ type: 'abort' });
      else if (why !== 'time-limit' && (state === 'busy' || state === 'claiming'))
        process.send({ type: 'park' });
    }
    if (how === 'abort') {
      // what does not listen is ended: its trial counts an attempt
      setTimeout(() => this.#members.forEach(({ process }) => process.kill()), GRACE_MS).unref();
    }
    if (first) yield { type: 'stopping', why };
  }

  /** Sends every worker away, and takes back what one had. */
  async #dismiss(): Promise<void> {
    const { id, store } = this.#options;
    for (const { process, state } of this.#members) {
      // it has nothing yet, and hears nothing before it is ready
      if (state === 'starting') process.kill();
      else process.send({ type: state === 'busy' || state === 'claiming' ? 'abort' : 'exit' });
    }
    const late = setTimeout(() => this.#members.forEach(({ process }) => process.kill()), GRACE_MS);
    while (this.#members.size > 0) {
      const note = await this.#mailbox.next();
      if (note.kind !== 'exit') continue;
      this.#members.delete(note.member);
      for (const trial of store.reclaim(id, { workers: [note.member.process.name] })) this.#history.put(trial);
    }
    clearTimeout(late);
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
  yield* new Scheduler(options).run();
}
