import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { runs } from './runs.ts';

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
