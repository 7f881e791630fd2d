import type { TrialState } from '@atelier/search';
import type { FromWorker, ToWorker } from '../src/sweep/messages.ts';
import type { Queued, SchedulerStore, StoredTrial, TrialPlan, WorkerStore } from '../src/sweep/store.ts';
import type { TrialRunner } from '../src/sweep/attempt.ts';
import { SweepWorker } from '../src/sweep/worker.ts';
import type { WorkerProcess } from '../src/sweep/worker-process.ts';

interface Row extends StoredTrial {
  readonly token?: string | undefined;
  readonly attempts: number;
}

const lost = (): Error => Object.assign(new Error('the lease was lost'), { code: 'LEASE_LOST' });

/** One sweep in memory, with the rules of the tracker's store: tokens, attempts, one trial per key. */
export class MemoryStore implements SchedulerStore, WorkerStore {
  readonly rows: Row[] = [];
  readonly maxAttempts: number;
  leader: string | undefined;
  status = 'NEW';
  stopRequested = false;
  spec: unknown;
  /** Values of finished trials of other sweeps by their keys. */
  readonly elsewhere = new Map<string, number[]>();
  #tokens = 0;

  constructor(maxAttempts = 2) {
    this.maxAttempts = maxAttempts;
  }

  #change(id: number, change: Partial<Row>): Row {
    const row = { ...this.rows[id]!, ...change };
    this.rows[id] = row;
    return row;
  }

  #held(id: number, token: string): Row {
    const row = this.rows[id]!;
    if (row.token !== token) throw lost();
    return row;
  }

  lead(): string {
    if (this.leader !== undefined) throw Object.assign(new Error('busy'), { code: 'SWEEP_BUSY' });
    this.leader = `lead-${++this.#tokens}`;
    return this.leader;
  }

  renewLead(_: number, token: string): { stopRequested: boolean } {
    if (token !== this.leader) throw lost();
    return { stopRequested: this.stopRequested };
  }

  release(_: number, token: string, status: string): void {
    if (token !== this.leader) throw lost();
    this.leader = undefined;
    this.status = status;
  }

  changeSpec(_: number, __: string, spec: unknown): void {
    this.spec = spec;
  }

  enqueue(sweep: number, _: string, plans: TrialPlan[]): Queued[] {
    return plans.map((plan) => {
      const present = this.rows.find(({ key }) => key === plan.key);
      if (present) return { number: present.number, outcome: 'PRESENT', trial: present };
      const number = this.rows.length;
      const values = this.elsewhere.get(plan.key);
      const state: TrialState = values === undefined ? 'QUEUED' : 'COMPLETE';
      const row: Row = {
        ...{
          ...plan,
          id: number,
          sweepId: sweep,
          number,
          state,
          values: values ?? [],
          reports: [],
          attempts: 0,
        },
        ...(values !== undefined && { reusedFrom: 7 }),
      };
      this.rows.push(row);
      return { number, outcome: values === undefined ? 'ADDED' : 'REUSED', trial: row };
    });
  }

  requeue(_: number, token: string, numbers?: readonly number[]): StoredTrial[] {
    if (token !== this.leader) throw lost();
    return this.rows
      .filter(({ state, number }) => state === 'FAILED' && numbers?.includes(number) !== false)
      .map(({ id }) => this.#change(id, { state: 'QUEUED' }));
  }

  trials(): StoredTrial[] {
    return [...this.rows];
  }

  reclaim(_: number, { workers = [] }: { workers?: string[] } = {}): StoredTrial[] {
    return this.rows
      .filter(({ state, worker }) => state === 'RUNNING' && workers.includes(worker ?? ''))
      .map((row) =>
        this.#change(row.id, {
          state: row.attempts < this.maxAttempts ? 'QUEUED' : 'FAILED',
          token: undefined,
          worker: undefined,
        }),
      );
  }

  claim(_: number, { worker }: { worker: string }) {
    const next = this.rows.find(({ state }) => state === 'QUEUED');
    if (next === undefined) return undefined;
    const token = `trial-${++this.#tokens}`;
    const attempts = next.attempts + 1;
    const trial = this.#change(next.id, { state: 'RUNNING', token, worker, attempts, reports: [] });
    return { trial, token, attempt: attempts };
  }

  heartbeat(id: number, token: string): { stop: boolean } {
    this.#held(id, token);
    return { stop: false };
  }

  report(id: number, token: string, report: { step: number; value: number }): void {
    const { reports } = this.#held(id, token);
    this.#change(id, { reports: [...reports, report] });
  }

  attachRun(id: number, token: string, runId: number): void {
    this.#held(id, token);
    this.#change(id, { runId });
  }

  complete(id: number, token: string, values: number[]): void {
    this.#held(id, token);
    this.#change(id, { state: 'COMPLETE', values, token: undefined });
  }

  prune(id: number, token: string, pruneReason: string): void {
    this.#held(id, token);
    this.#change(id, { state: 'PRUNED', pruneReason, token: undefined });
  }

  fail(id: number, token: string, error: { code: string; message: string }): 'RETRY' | 'FAILED' {
    const { attempts } = this.#held(id, token);
    const retry = attempts < this.maxAttempts;
    this.#change(id, { state: retry ? 'QUEUED' : 'FAILED', error, token: undefined });
    return retry ? 'RETRY' : 'FAILED';
  }

  park(id: number, token: string): void {
    const { attempts } = this.#held(id, token);
    this.#change(id, { state: 'QUEUED', token: undefined, worker: undefined, attempts: attempts - 1 });
  }
}

export interface FakeWorkers {
  readonly start: () => WorkerProcess;
  readonly started: WorkerProcess[];
}

/** Workers in this process; `kill()` ends one as SIGKILL would: silently, whatever it is at. */
export function fakeWorkers(
  store: WorkerStore,
  run: TrialRunner,
  { objectives = 1, asksPruner = false } = {},
): FakeWorkers {
  const started: WorkerProcess[] = [];
  const start = (): WorkerProcess => {
    const name = `fake-${started.length}`;
    let alive = true;
    let hear: (message: ToWorker) => void = () => {};
    let tell: (message: FromWorker) => void = () => {};
    let ended: (reason: string) => void = () => {};
    const end = (reason: string): void => {
      if (!alive) return;
      alive = false;
      ended(reason);
    };
    // a killed process writes nothing any more: its calls never return
    const guarded = new Proxy(store, {
      get(target, property) {
        const value = Reflect.get(target, property) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (!alive) throw lost();
          return (value as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    const worker = new SweepWorker({
      ...{ sweepId: 1, store: guarded, run, name, leaseMs: 60_000, objectives, asksPruner },
      port: {
        send: (message) => queueMicrotask(() => alive && tell(message)),
        onMessage: (listener) => (hear = listener),
        onClosed: () => {},
      },
    });
    const process: WorkerProcess = {
      name,
      pid: undefined,
      send: (message) => queueMicrotask(() => alive && hear(message)),
      onMessage: (listener) => (tell = listener),
      onExit: (listener) => (ended = listener),
      kill: () => end('killed'),
    };
    setImmediate(() => void worker.work().then(() => end('exit code 0')));
    started.push(process);
    return process;
  };
  return { start, started };
}
