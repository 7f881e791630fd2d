import { sql } from 'drizzle-orm';
import {
  blob,
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';

/** The only place a column is named. Times are epoch milliseconds. `migrations/` is generated from this file. */

export const runs = sqliteTable(
  'runs',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    project: text().notNull(),
    group: text('run_group'),
    name: text().notNull(),
    status: text({ enum: ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'PRUNED'] }).notNull(),
    config: text().notNull(),
    environment: text().notNull(),
    engine: text().notNull(),
    datasetDigest: text('dataset_digest'),
    tags: text().notNull(),
    notes: text(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    errorStep: integer('error_step'),
    createdAt: integer('created_at').notNull(),
    startedAt: integer('started_at').notNull(),
    endedAt: integer('ended_at'),
    /** When it was put into the trash. */
    deletedAt: integer('deleted_at'),
    /** SHA-256 of project and settings without their seeds: runs of one family differ in nothing else. */
    family: text(),
  },
  (table) => [
    index('runs_by_project').on(table.project, table.id),
    index('runs_by_trash').on(table.deletedAt),
    index('runs_by_family').on(table.family, table.id),
    index('runs_by_status').on(table.status, table.id),
    index('runs_by_name').on(table.name),
    check('runs_status', sql`${table.status} IN ('RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'PRUNED')`),
    check('runs_config_json', sql`json_valid(${table.config})`),
    check('runs_environment_json', sql`json_valid(${table.environment})`),
    check('runs_tags_json', sql`json_valid(${table.tags})`),
  ],
);

const runId = () =>
  integer('run_id')
    .notNull()
    .references(() => runs.id, { onDelete: 'cascade' });

/** Who writes a run: apart from `runs`, because a heartbeat should not rewrite a row that holds a config. */
export const owners = sqliteTable('owners', {
  runId: runId().primaryKey(),
  machine: text().notNull(),
  boot: text(),
  pidNamespace: text('pid_namespace'),
  pid: integer().notNull(),
  processStart: text('process_start'),
  heartbeatAt: integer('heartbeat_at').notNull(),
});

/** One dotted setting: `number` holds numbers and booleans (0, 1), `text` strings and lists as JSON. */
export const parameters = sqliteTable(
  'parameters',
  {
    runId: runId(),
    name: text().notNull(),
    kind: text({ enum: ['number', 'boolean', 'string', 'null'] }).notNull(),
    number: real(),
    text: text(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.name] }),
    index('parameters_by_value').on(table.name, table.number, table.text, table.runId),
  ],
);

export const metricKeys = sqliteTable('metric_keys', {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
});

const keyId = () =>
  integer('key_id')
    .notNull()
    .references(() => metricKeys.id);

/**
 * Curves. `seq` counts a run's points from 1 in the order they were logged. `level` 0 holds the points of a curve,
 * `count` of them from the `number`th on, as columns (store/blocks.ts); a row of 4096 is full, smaller ones follow the
 * last full one until they fill up. Rows of level n > 0 hold 256 entries that sum up 16 * 4^(n-1) points each, and are
 * written when all of their points are there.
 */
export const curveChunks = sqliteTable(
  'curve_chunks',
  {
    id: integer().primaryKey(),
    runId: runId(),
    keyId: keyId(),
    level: integer().notNull(),
    number: integer().notNull(),
    count: integer().notNull(),
    seqLast: integer('seq_last').notNull(),
    stepMin: integer('step_min').notNull(),
    stepMax: integer('step_max').notNull(),
    data: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [uniqueIndex('curve_chunks_by_place').on(table.runId, table.keyId, table.level, table.number)],
);

/**
 * One row per curve or summary, so that lists never touch curves. `value` is what a run table shows: the run's summary
 * of this name, else the last point. NULL `last` and `value` are NaN; `min` and `max` ignore NaN. `count` 0: only a
 * summary has this name.
 */
export const latestMetrics = sqliteTable(
  'latest_metrics',
  {
    runId: runId(),
    keyId: keyId(),
    seq: integer().notNull(),
    step: integer().notNull(),
    epoch: real(),
    wallTime: integer('wall_time').notNull(),
    last: real(),
    min: real(),
    max: real(),
    count: integer().notNull(),
    value: real(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.keyId] }),
    index('latest_metrics_by_value').on(table.keyId, table.value, table.runId, table.min, table.max),
  ],
);

/** Numbers that describe a run as a whole. NULL is NaN. */
export const summaries = sqliteTable(
  'summaries',
  { runId: runId(), keyId: keyId(), value: real() },
  (table) => [primaryKey({ columns: [table.runId, table.keyId] })],
);

export const datasets = sqliteTable('datasets', {
  digest: text().primaryKey(),
  name: text().notNull(),
  classNames: text('class_names').notNull(),
  height: integer().notNull(),
  width: integer().notNull(),
  channels: integer().notNull(),
});

/** `labels` is uint8 per sample; `indices` uint32 little endian, positions within the source the split was cut from. */
export const datasetSplits = sqliteTable(
  'dataset_splits',
  {
    digest: text()
      .notNull()
      .references(() => datasets.digest, { onDelete: 'cascade' }),
    split: text().notNull(),
    labels: blob({ mode: 'buffer' }).notNull(),
    indices: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.digest, table.split] })],
);

/** The prediction ledger: `predicted` is uint8 per sample, `probabilities` float16 little endian `[count, classes]`. */
export const predictions = sqliteTable(
  'predictions',
  {
    id: integer().primaryKey(),
    runId: runId(),
    checkpoint: text().notNull(),
    split: text().notNull(),
    datasetDigest: text('dataset_digest').notNull(),
    classes: integer().notNull(),
    count: integer().notNull(),
    predicted: blob({ mode: 'buffer' }).notNull(),
    probabilities: blob({ mode: 'buffer' }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('predictions_by_run').on(table.runId, table.split, table.checkpoint, table.datasetDigest),
  ],
);

/** Files of a run; their bytes are in `artifacts/ab/cdef...` by SHA-256. */
export const artifacts = sqliteTable(
  'artifacts',
  {
    runId: runId(),
    path: text().notNull(),
    sha256: text().notNull(),
    size: integer().notNull(),
    mediaType: text('media_type').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.path] }),
    index('artifacts_by_content').on(table.sha256),
  ],
);

/** Confusion matrices of the ledgers whose dataset is known, so that queries reach cells. A cell without a row is 0. */
export const matrixCells = sqliteTable(
  'matrix_cells',
  {
    predictionId: integer('prediction_id')
      .notNull()
      .references(() => predictions.id, { onDelete: 'cascade' }),
    truth: integer().notNull(),
    predicted: integer().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.predictionId, table.truth, table.predicted] })],
);

/** What a run printed: `lines` is a JSON array of [epoch milliseconds, 'out' | 'err', text]. */
export const consoleChunks = sqliteTable(
  'console_chunks',
  {
    runId: runId(),
    number: integer().notNull(),
    lines: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number] })],
);

/** The tags of `runs.tags` one by one, for queries. Triggers keep it. */
export const runTags = sqliteTable('run_tags', { tag: text().notNull(), runId: runId() }, (table) => [
  primaryKey({ columns: [table.tag, table.runId] }),
  index('run_tags_by_run').on(table.runId),
]);

/** Registered models. `lastVersion` only grows: a number once given is never given again. */
export const models = sqliteTable('models', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
  lastVersion: integer('last_version').notNull(),
  createdAt: integer('created_at').notNull(),
});

/** One version of a model; `files` is its manifest, a JSON list of `{ path, sha256, size }`. Only `deletedAt` may change, once. */
export const modelVersions = sqliteTable(
  'model_versions',
  {
    modelId: integer('model_id')
      .notNull()
      .references(() => models.id),
    version: integer().notNull(),
    runId: integer('run_id')
      .notNull()
      .references(() => runs.id),
    checkpoint: text(),
    datasetDigest: text('dataset_digest'),
    files: text().notNull(),
    filesSha256: text('files_sha256').notNull(),
    notes: text(),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.version] }),
    index('model_versions_by_run').on(table.runId),
    check('model_versions_files_json', sql`json_valid(${table.files})`),
  ],
);

/** What a decision rested on: canonical JSON under its SHA-256. */
export const registryEvidence = sqliteTable('registry_evidence', {
  sha256: text().primaryKey(),
  body: text().notNull(),
});

/** The history: `hash` is the SHA-256 of the canonical JSON of all other columns, `previous` among them. */
export const registryEvents = sqliteTable(
  'registry_events',
  {
    seq: integer().primaryKey(),
    at: integer().notNull(),
    kind: text({ enum: ['registered', 'promoted', 'rolled-back', 'deleted'] }).notNull(),
    model: text().notNull(),
    version: integer().notNull(),
    alias: text(),
    by: text('by_whom').notNull(),
    body: text().notNull(),
    evidence: text().references(() => registryEvidence.sha256),
    previous: text().notNull(),
    hash: text().notNull().unique(),
  },
  (table) => [
    index('registry_events_by_alias').on(table.model, table.alias, table.seq),
    check('registry_events_kind', sql`${table.kind} IN ('registered', 'promoted', 'rolled-back', 'deleted')`),
    check('registry_events_body_json', sql`json_valid(${table.body})`),
  ],
);

/** Each look at a split to judge runs. Runs are plain numbers: the count outlives them. `runB` is NULL for a look at one run. */
export const decisions = sqliteTable(
  'decisions',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: integer().notNull(),
    datasetDigest: text('dataset_digest').notNull(),
    split: text().notNull(),
    runA: integer('run_a').notNull(),
    runB: integer('run_b'),
    command: text().notNull(),
  },
  (table) => [index('decisions_by_split').on(table.datasetDigest, table.split, table.id)],
);

/** Hyperparameter sweeps. `spec` is the whole plan as JSON. Whoever holds `leadToken` until `leadUntil` schedules. */
export const sweeps = sqliteTable(
  'sweeps',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull().unique(),
    project: text().notNull(),
    status: text({ enum: ['RUNNING', 'PAUSED', 'FINISHED', 'STOPPED'] }).notNull(),
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
    check('sweeps_status', sql`${table.status} IN ('RUNNING', 'PAUSED', 'FINISHED', 'STOPPED')`),
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
    state: text({ enum: ['QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED'] }).notNull(),
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
    check('sweep_trials_state', sql`${table.state} IN ('QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED')`),
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

/** Views of the run table that people gave a name: the query part of the page's address. */
export const savedViews = sqliteTable('saved_views', {
  name: text().primaryKey(),
  query: text().notNull(),
  createdAt: integer('created_at').notNull(),
});
