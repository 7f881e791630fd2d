import {
  blob,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import { runId } from './runs.ts';

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
