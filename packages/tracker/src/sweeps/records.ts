import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { JsonObject, type RunError } from '../schema.ts';
import { nanFromNull } from '../store/nan.ts';
import type { Sweep, SweepStatus, SweepTrial, TrialState } from './schema.ts';

export interface SweepRow {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly status: SweepStatus;
  readonly spec: string;
  readonly dataset_digest: string | null;
  readonly code_version: string;
  readonly max_attempts: number;
  readonly stop_requested: number;
  readonly lead_token: string | null;
  readonly lead_owner: string | null;
  readonly lead_until: number | null;
  readonly created_at: number;
  readonly ended_at: number | null;
}

export interface TrialRow {
  readonly id: number;
  readonly sweep_id: number;
  readonly number: number;
  readonly key: string;
  readonly seed: number;
  readonly parameters: string;
  readonly config: string;
  readonly state: TrialState;
  readonly attempts: number;
  readonly token: string | null;
  readonly worker: string | null;
  readonly lease_until: number | null;
  readonly run_id: number | null;
  readonly reused_from: number | null;
  readonly objective_values: string | null;
  readonly error: string | null;
  readonly prune_reason: string | null;
  readonly queued_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

// JSON has neither NaN nor infinities
const Values = z.array(z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]));

export function valuesText(values: readonly number[]): string {
  return JSON.stringify(values.map((value) => (Number.isFinite(value) ? value : String(value))));
}

const StoredError = z.strictObject({ code: z.string(), message: z.string(), step: z.number().optional() });

const NO_TRIALS: Readonly<Record<TrialState, number>> = {
  QUEUED: 0,
  RUNNING: 0,
  COMPLETE: 0,
  PRUNED: 0,
  FAILED: 0,
};

export function toSweep(database: Database, row: SweepRow): Sweep {
  const counted = database
    .prepare<[number], { state: TrialState; count: number }>(
      'SELECT state, count(*) AS count FROM sweep_trials WHERE sweep_id = ? GROUP BY state',
    )
    .all(row.id);
  const lead = row.lead_token !== null && row.lead_until! > Date.now();
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    status: row.status,
    spec: JsonObject.parse(JSON.parse(row.spec)),
    ...(row.dataset_digest !== null && { datasetDigest: row.dataset_digest }),
    codeVersion: row.code_version,
    maxAttempts: row.max_attempts,
    stopRequested: row.stop_requested === 1,
    ...(lead && { lead: { owner: row.lead_owner!, until: row.lead_until! } }),
    createdAt: row.created_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    counts: { ...NO_TRIALS, ...Object.fromEntries(counted.map(({ state, count }) => [state, count])) },
  };
}

export function toTrial(row: TrialRow, reports: SweepTrial['reports'] = []): SweepTrial {
  const error = row.error === null ? undefined : StoredError.parse(JSON.parse(row.error));
  return {
    id: row.id,
    sweepId: row.sweep_id,
    number: row.number,
    key: row.key,
    seed: row.seed,
    parameters: JsonObject.parse(JSON.parse(row.parameters)),
    config: JsonObject.parse(JSON.parse(row.config)),
    state: row.state,
    values: row.objective_values === null ? [] : Values.parse(JSON.parse(row.objective_values)),
    reports,
    attempts: row.attempts,
    ...(row.worker !== null && { worker: row.worker }),
    ...(row.run_id !== null && { runId: row.run_id }),
    ...(row.reused_from !== null && { reusedFrom: row.reused_from }),
    ...(error !== undefined && { error: error satisfies RunError }),
    ...(row.prune_reason !== null && { pruneReason: row.prune_reason }),
    queuedAt: row.queued_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

/** Reports of a sweep's trials by trial, steps rising. */
export function reportsOf(database: Database, sweepId: number): Map<number, SweepTrial['reports'][number][]> {
  const found = new Map<number, SweepTrial['reports'][number][]>();
  const rows = database
    .prepare<[number], { id: number; step: number; value: number | null }>(
      `SELECT r.trial_id AS id, r.step, r.value FROM sweep_trials t JOIN trial_reports r ON r.trial_id = t.id
       WHERE t.sweep_id = ? ORDER BY r.trial_id, r.step`,
    )
    .all(sweepId);
  for (const { id, step, value } of rows) {
    const list = found.get(id) ?? [];
    list.push({ step, value: nanFromNull(value) });
    found.set(id, list);
  }
  return found;
}
