import { RUN_STATUSES } from '@atelier/base';
import { sql, type SQL } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  type SQLiteColumn,
} from 'drizzle-orm/sqlite-core';

/** A check that a column holds one of these words. */
export function oneOf(column: SQLiteColumn, words: readonly string[]): SQL {
  return sql`${column} IN (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`;
}

/** Columns are named in this folder and nowhere else. Times are epoch milliseconds. `migrations/` is generated from it. */

export const runs = sqliteTable(
  'runs',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    project: text().notNull(),
    group: text('run_group'),
    name: text().notNull(),
    status: text({ enum: RUN_STATUSES }).notNull(),
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
    check('runs_status', oneOf(table.status, RUN_STATUSES)),
    check('runs_config_json', sql`json_valid(${table.config})`),
    check('runs_environment_json', sql`json_valid(${table.environment})`),
    check('runs_tags_json', sql`json_valid(${table.tags})`),
  ],
);

/** The run that a row belongs to and goes with. */
export const runId = () =>
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

/** Views of the run table that people gave a name: the query part of the page's address. */
export const savedViews = sqliteTable('saved_views', {
  name: text().primaryKey(),
  query: text().notNull(),
  createdAt: integer('created_at').notNull(),
});
