import type { Database } from 'better-sqlite3';
import { BatchStore } from './batch-store.ts';
import { readSpill, removeSpill, type SpillRecord } from './spill-file.ts';

const END = `UPDATE runs SET status = ?, error_code = ?, error_message = ?, error_step = ?, ended_at = max(started_at, ?) WHERE id = ?`;

function replayRecord(database: Database, store: BatchStore, runId: number, record: SpillRecord): void {
  if (record.kind === 'summary') {
    for (const [name, value] of record.values) store.metrics.setSummary(runId, name, value, Date.now());
    return;
  }
  if (record.kind === 'end') {
    const { status, error, endedAt } = record;
    database
      .prepare(END)
      .run(status, error?.code ?? null, error?.message ?? null, error?.step ?? null, endedAt, runId);
    return;
  }
  const stored = database.prepare('SELECT max(seq) FROM latest_metrics WHERE run_id = ?').pluck().get(runId);
  // a process that died between storing and removing its file has stored this already
  if (Number(stored ?? 0) < record.batch.firstSeq) store.store(record.batch, record.names);
}

/** What replaying a run's spill file gave: its points; `ended`: the file held the run's end. */
export interface Replayed {
  readonly points: number;
  readonly ended: boolean;
  readonly damaged: boolean;
}

/** Stores what a run spilled, all or nothing, and removes the file. Undefined where it spilled nothing. */
export function replaySpill(database: Database, home: string, runId: number): Replayed | undefined {
  const { records, damaged } = readSpill(home, runId);
  if (records.length === 0) {
    if (!damaged) return undefined;
    removeSpill(home, runId);
    return { points: 0, ended: false, damaged };
  }
  const store = new BatchStore(database);
  const replay = database.transaction(() => {
    const status = database.prepare('SELECT status FROM runs WHERE id = ?').pluck().get(runId);
    // gone or ended meanwhile: there is nothing these belong to
    if (status !== 'RUNNING') return;
    for (const record of records) replayRecord(database, store, runId, record);
  });
  replay.immediate();
  removeSpill(home, runId);
  const points = records.reduce(
    (sum, record) => sum + (record.kind === 'points' ? record.batch.length : 0),
    0,
  );
  return { points, ended: records.some((record) => record.kind === 'end'), damaged };
}
