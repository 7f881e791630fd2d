import { SWEEP_STATUSES, TRIAL_STATES } from '@atelier/base';
import { sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import { oneOf, runs } from './runs.ts';

/** Hyperparameter sweeps. `spec` is the whole plan as JSON. Whoever holds `leadToken` until `leadUntil` schedules. */
export const sweeps = sqliteTable(
  'sweeps',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull().unique(),
    project: text().notNull(),
    status: text({ enum: SWEEP_STATUSES }).notNull(),
    spec: text().notNull(),
    datasetDigest: text('dataset_digest'),
    codeVersion: text('code_version').notNull(),
    maxAttempts: integer('max_attempts').notNull(),
    stopRequested: integer('stop_requested').notNull().default(0),
    leadToken: text('lead_token'),
    leadOwner: text('lead_owner'),
    leadUntil: integer('lead_until'),
    createdAt: integer('created_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    check('sweeps_spec_json', sql`json_valid(${table.spec})`),
    check('sweeps_status', oneOf(table.status, SWEEP_STATUSES)),
  ],
);

/**
 * Trials of sweeps. `key` identifies what a trial computes. `token` changes with every claim: who holds an older one can
 * write no more. Runs may be purged: the trial stays.
 */
export const sweepTrials = sqliteTable(
  'sweep_trials',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    sweepId: integer('sweep_id')
      .notNull()
      .references(() => sweeps.id, { onDelete: 'cascade' }),
    number: integer().notNull(),
    key: text().notNull(),
    seed: integer().notNull(),
    parameters: text().notNull(),
    config: text().notNull(),
    state: text({ enum: TRIAL_STATES }).notNull(),
    attempts: integer().notNull().default(0),
    token: text(),
    worker: text(),
    leaseUntil: integer('lease_until'),
    runId: integer('run_id').references(() => runs.id, { onDelete: 'set null' }),
    reusedFrom: integer('reused_from'),
    values: text('objective_values'),
    error: text(),
    pruneReason: text('prune_reason'),
    queuedAt: integer('queued_at').notNull(),
    startedAt: integer('started_at'),
    endedAt: integer('ended_at'),
  },
  (table) => [
    uniqueIndex('sweep_trials_by_number').on(table.sweepId, table.number),
    uniqueIndex('sweep_trials_by_key_in_sweep').on(table.sweepId, table.key),
    index('sweep_trials_by_state').on(table.sweepId, table.state, table.number),
    index('sweep_trials_by_key').on(table.key, table.state),
    index('sweep_trials_by_run').on(table.runId),
    check('sweep_trials_parameters_json', sql`json_valid(${table.parameters})`),
    check('sweep_trials_config_json', sql`json_valid(${table.config})`),
    check('sweep_trials_state', oneOf(table.state, TRIAL_STATES)),
  ],
);

/** Values of a trial on the way, of its current attempt. NaN is stored as NULL. */
export const trialReports = sqliteTable(
  'trial_reports',
  {
    trialId: integer('trial_id')
      .notNull()
      .references(() => sweepTrials.id, { onDelete: 'cascade' }),
    step: integer().notNull(),
    value: real(),
  },
  (table) => [primaryKey({ columns: [table.trialId, table.step] })],
);
