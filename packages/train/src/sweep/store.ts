import type { Parameters, ParameterValue, Trial } from '@atelier/search';

/** What configurations and sweeps are stored as. */
export type JsonRecord = Record<string, ParameterValue>;

/** A value without what JSON does not have. */
export function toJsonRecord(value: object): JsonRecord {
  return JSON.parse(JSON.stringify(value)) as JsonRecord;
}

/** A trial as it is stored. */
export interface StoredTrial extends Trial {
  readonly id: number;
  /** Identity: equal keys are equal work. */
  readonly key: string;
  readonly seed: number;
  readonly config: JsonRecord;
  /** How often it was claimed, this time included, those parked not. */
  readonly attempts: number;
  /** Whose lease it is, or was last. */
  readonly worker?: string | undefined;
  readonly runId?: number | undefined;
  readonly reusedFrom?: unknown;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly pruneReason?: string | undefined;
}

/** A trial that is to be queued. */
export interface TrialPlan {
  /** SHA-256 in hex. */
  readonly key: string;
  readonly parameters: Parameters;
  readonly config: JsonRecord;
  readonly seed: number;
}

/** What became of a plan. PRESENT: the sweep has it already. REUSED: an equal finished trial gave its values. */
export interface Queued {
  readonly number: number;
  readonly outcome: 'ADDED' | 'PRESENT' | 'REUSED';
  readonly trial: StoredTrial;
}

/** What the scheduler needs of a store; the sweeps of the tracker have it. */
export interface SchedulerStore {
  /** @throws with code SWEEP_BUSY while somebody else leads */
  lead(id: number, lease: { owner: string; leaseMs: number }): string;
  /** @throws with code LEASE_LOST where somebody else leads by now */
  renewLead(id: number, token: string, leaseMs: number): { stopRequested: boolean };
  release(id: number, token: string, status: 'PAUSED' | 'FINISHED' | 'STOPPED'): void;
  changeSpec(id: number, lead: string, spec: JsonRecord): void;
  enqueue(id: number, lead: string, trials: TrialPlan[]): Queued[];
  /** Puts FAILED trials back into the queue, those of `numbers` or all. */
  requeue(id: number, lead: string, numbers?: readonly number[]): StoredTrial[];
  trials(id: number, options?: { reports?: boolean }): StoredTrial[];
  /** Takes trials from expired leases and from workers known to be dead. */
  reclaim(id: number, options?: { workers?: string[] }): StoredTrial[];
}

/** What a worker needs of a store. A call whose token is stale throws with code LEASE_LOST. */
export interface WorkerStore {
  claim(
    id: number,
    lease: { worker: string; leaseMs: number },
  ): { trial: StoredTrial; token: string; attempt: number } | undefined;
  heartbeat(trialId: number, token: string, leaseMs: number): { stop: boolean };
  report(trialId: number, token: string, report: { step: number; value: number }): void;
  attachRun(trialId: number, token: string, runId: number): void;
  complete(trialId: number, token: string, values: number[]): void;
  prune(trialId: number, token: string, reason: string): void;
  fail(trialId: number, token: string, error: { code: string; message: string }): 'RETRY' | 'FAILED';
  park(trialId: number, token: string): void;
}
