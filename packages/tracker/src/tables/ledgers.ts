import { blob, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { runId } from './runs.ts';

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
