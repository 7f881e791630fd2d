import { Candidates, isResultFree, type Candidate } from './candidates.ts';
import type { SweepEvent } from './events.ts';
import { History, type StoredAnswers } from './history.ts';
import { isGone } from './process-name.ts';
import type { SweepSpec } from './spec.ts';
import type { Queued, SchedulerStore, TrialPlan } from './store.ts';

/** Candidates queued in one transaction. */
const BATCH = 500;
/** Points in a row that were all there already, after which a sampler is taken to have no new one. */
const MOST_REPEATS = 200;

export interface DocketOptions {
  /** Of the sweep in the store. */
  readonly id: number;
  readonly spec: SweepSpec;
  readonly store: SchedulerStore;
  /** A candidate's identity and configuration. */
  readonly plan: (candidate: Candidate) => TrialPlan;
  /** Answers on the validation samples that completed trials of earlier sittings, or taken over, have kept: for racing. */
  readonly storedAnswers?: StoredAnswers | undefined;
}

/** The trials of a sweep: those there are, and those the sampler still has. */
export class Docket {
  readonly history: History;
  readonly #options: DocketOptions;
  readonly #lead: string;
  readonly #candidates: Candidates;
  #exhausted = false;

  /** Reads what is there, and takes trials from workers that are gone. */
  constructor(options: DocketOptions, lead: string) {
    this.#options = options;
    this.#lead = lead;
    this.history = new History(options.storedAnswers);
    this.refresh(new Set());
    this.#candidates = new Candidates(options.spec, this.history.trials);
  }

  /** The sampler has no more. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Every trial has ended, and there will be no other. */
  get isDone(): boolean {
    const { QUEUED, RUNNING } = this.history.counts;
    return QUEUED === 0 && RUNNING === 0 && this.#exhausted;
  }

  /** Reads all anew, and takes trials from workers that are gone. @param own workers that are known to live */
  refresh(own: ReadonlySet<string>): void {
    const { id, store } = this.#options;
    for (const trial of store.trials(id, { reports: true })) this.history.put(trial);
    const dead = this.history
      .running()
      .flatMap(({ worker }) => (worker !== undefined && !own.has(worker) && isGone(worker) ? [worker] : []));
    for (const trial of store.reclaim(id, { workers: dead })) this.history.put(trial);
  }

  #enqueue(candidates: readonly Candidate[]): Queued[] {
    const { id, store, plan } = this.#options;
    const queued = store.enqueue(id, this.#lead, candidates.map(plan));
    for (const { trial, outcome } of queued) if (outcome !== 'PRESENT') this.history.put(trial);
    return queued;
  }

  *#tell(queued: readonly Queued[]): Generator<SweepEvent> {
    const added = queued.filter(({ outcome }) => outcome === 'ADDED').length;
    const reused = queued
      .filter(({ outcome }) => outcome === 'REUSED')
      .map(({ number, trial }) => ({ number, from: trial.reusedFrom }));
    if (added > 0 || reused.length > 0) yield { type: 'queued', added, reused };
  }

  /** Queues all there will ever be, for samplers that learn nothing. */
  *queueAll(afterBatch: () => void): Generator<SweepEvent> {
    for (;;) {
      const batch: Candidate[] = [];
      while (batch.length < BATCH && !this.#exhausted) {
        const next = this.#candidates.next([]);
        if (next === undefined) this.#exhausted = true;
        else batch.push(...next);
      }
      if (batch.length === 0) return;
      yield* this.#tell(this.#enqueue(batch));
      afterBatch();
    }
  }

  /** Asks the sampler until there is work. */
  *queueNext(hasWork: () => boolean): Generator<SweepEvent> {
    if (isResultFree(this.#options.spec)) return;
    for (let repeats = 0; !this.#exhausted && !hasWork(); repeats++) {
      const next = repeats > MOST_REPEATS ? undefined : this.#candidates.next(this.history.trials);
      if (next === undefined) this.#exhausted = true;
      else yield* this.#tell(this.#enqueue(next));
    }
  }
}
