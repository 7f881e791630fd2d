import { SWEEP_STATUSES, TRIAL_STATES } from '@atelier/base';
import { z } from 'zod';
import { JsonObject, type RunError } from '../schema.ts';

export const SweepStatus = z.enum(SWEEP_STATUSES);
export type SweepStatus = z.output<typeof SweepStatus>;

export const TrialState = z.enum(TRIAL_STATES);
export type TrialState = z.output<typeof TrialState>;

const Text = z.string().trim().min(1);

/** What is known of a sweep before its first trial. */
export const SweepStart = z.strictObject({
  project: Text,
  /** Unique in the store. */
  name: Text,
  /** The whole plan: what the sweep is run and resumed from. */
  spec: JsonObject,
  datasetDigest: Text.optional(),
  /** Of the program that computes trials: part of what makes two trials equal. */
  codeVersion: Text,
  /** How often a trial is tried before it is FAILED. */
  maxAttempts: z.int().min(1).default(2),
});
export type SweepStart = z.input<typeof SweepStart>;

/** A sweep with the number of its trials in each state. Times are epoch milliseconds. */
export interface Sweep {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly status: SweepStatus;
  readonly spec: JsonObject;
  readonly datasetDigest?: string;
  readonly codeVersion: string;
  readonly maxAttempts: number;
  readonly stopRequested: boolean;
  /** Who schedules it now. */
  readonly lead?: { readonly owner: string; readonly until: number };
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly counts: Readonly<Record<TrialState, number>>;
}

/** A trial that is to be added. */
export const TrialStart = z.strictObject({
  /** SHA-256 of all that decides what the trial computes, in hex. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  parameters: JsonObject,
  config: JsonObject,
  seed: z.int().min(0),
});
export type TrialStart = z.output<typeof TrialStart>;

export interface SweepTrial {
  readonly id: number;
  readonly sweepId: number;
  /** Position in the sweep, from 0. */
  readonly number: number;
  readonly key: string;
  readonly seed: number;
  readonly parameters: JsonObject;
  readonly config: JsonObject;
  readonly state: TrialState;
  /** One per objective; empty unless COMPLETE. NaN and infinities are kept. */
  readonly values: readonly number[];
  /** Of the current attempt; empty where they were not asked for. */
  readonly reports: readonly { readonly step: number; readonly value: number }[];
  /** How often it was claimed, those parked not counted. */
  readonly attempts: number;
  readonly worker?: string;
  readonly runId?: number;
  /** The trial, of this sweep or another, whose result it took over. */
  readonly reusedFrom?: number;
  readonly error?: RunError;
  readonly pruneReason?: string;
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** A trial handed to a worker. Every word about it must be said with the token. */
export interface Claim {
  readonly trial: SweepTrial;
  readonly token: string;
  /** From 1. */
  readonly attempt: number;
}

/** What became of a trial that was to be added. */
export interface Enqueued {
  readonly number: number;
  /** PRESENT: this sweep had it. REUSED: an equal trial of the store is COMPLETE; nothing is left to do. */
  readonly outcome: 'ADDED' | 'PRESENT' | 'REUSED';
  readonly trial: SweepTrial;
}
