import type { Database } from 'better-sqlite3';

const UNCOUNTED = `
  SELECT p.id, p.predicted, s.labels FROM predictions p
  JOIN dataset_splits s ON s.digest = p.dataset_digest AND s.split = p.split
  WHERE NOT EXISTS (SELECT 1 FROM matrix_cells c WHERE c.prediction_id = p.id)`;

/** Counts by `truth * 256 + predicted`. */
export function countCells(labels: Uint8Array, predicted: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  const length = Math.min(labels.length, predicted.length);
  for (let at = 0; at < length; at++) {
    const cell = labels[at]! * 256 + predicted[at]!;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return counts;
}

/**
 * Counts the confusion matrix of each ledger that has none yet and whose dataset is known; of the runs of `runId`, or
 * of all. Runs inside the caller's transaction.
 */
export function fillMatrixCells(database: Database, runId?: number): void {
  const where = runId === undefined ? '' : ' AND p.run_id = ?';
  const ledgers = database
    .prepare<number[], { id: number; predicted: Buffer; labels: Buffer }>(UNCOUNTED + where)
    .all(...(runId === undefined ? [] : [runId]));
  const insert = database.prepare(
    'INSERT INTO matrix_cells (prediction_id, truth, predicted, count) VALUES (?, ?, ?, ?)',
  );
  for (const { id, predicted, labels } of ledgers) {
    for (const [cell, count] of countCells(labels, predicted)) insert.run(id, cell >> 8, cell & 255, count);
  }
}
