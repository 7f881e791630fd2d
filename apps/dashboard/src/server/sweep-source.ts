import type { Trial } from '@atelier/search';

/** A sweep as the tracker has it. */
export interface StoredSweep {
  readonly id: number;
  readonly name: string;
  readonly project: string;
  readonly status: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
}

/** A trial as the tracker has it. */
export interface StoredTrial extends Trial {
  readonly seed: number;
  readonly attempt: number;
  readonly worker?: string | undefined;
  readonly runId?: number | undefined;
  readonly reusedFrom?: unknown;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly pruneReason?: string | undefined;
}

/** What the page reads of the tracker's sweeps. */
export interface SweepSource {
  list(): readonly StoredSweep[];
  /** @throws with code SWEEP_UNKNOWN. */
  get(id: number): StoredSweep;
  trials(id: number, options?: { reports?: boolean }): readonly StoredTrial[];
}

export interface SweepStopper {
  requestStop(id: number): void;
}
