import type { Database } from 'better-sqlite3';
import { storeArtifact } from '../artifact-store.ts';
import { checkDataset, toLedgerRow, writeDataset, writeLedger } from '../ledger.ts';
import { foldersOf } from '../relative-path.ts';
import type { DatasetRecord, PredictionInput } from '../schema.ts';
import { fillMatrixCells } from './matrix-cells.ts';
import { MetricWriter } from './points.ts';
import type { SpillRecord } from './spill-file.ts';

/** One record on its way to the database, stored in one transaction, now or when that works again. */
export interface Job {
  readonly what: string;
  readonly store: () => void;
  /** How to keep it in a file, where that is possible. */
  readonly record?: SpillRecord;
}

/** Where a job is to be stored, and for which run. */
export interface JobTarget {
  readonly database: Database;
  readonly home: string;
  readonly runId: number;
}

const INSERT_ARTIFACT = `
  INSERT INTO artifacts (run_id, path, sha256, size, media_type, created_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (run_id, path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,
    media_type = excluded.media_type, created_at = excluded.created_at`;

const FIND_CLASH = `
  SELECT path FROM artifacts WHERE run_id = @run
    AND (path IN (SELECT value FROM json_each(@folders)) OR substr(path, 1, length(@path) + 1) = @path || '/') LIMIT 1`;

/** Why a run with its artifacts so far cannot be a folder of files with this one; undefined where it can. */
export function clashOf(database: Database, run: number, path: string): string | undefined {
  const find = database.prepare<[object], string>(FIND_CLASH).pluck();
  const other = find.get({ run, path, folders: JSON.stringify(foldersOf(path)) });
  return other === undefined
    ? undefined
    : `and ${JSON.stringify(other)} cannot both be: one is the other's folder`;
}

/** The bytes are copied: what the caller does with them later changes nothing. */
export function artifactJob(
  { database, home, runId }: JobTarget,
  path: string,
  bytes: Uint8Array,
  mediaType: string,
): Job {
  const kept = Uint8Array.from(bytes);
  return {
    what: `artifact ${path}`,
    store: () => {
      const sha256 = storeArtifact(home, kept);
      database.prepare(INSERT_ARTIFACT).run(runId, path, sha256, kept.length, mediaType, Date.now());
    },
  };
}

/** @throws TrackerInputError for a record that contradicts itself. */
export function datasetJob({ database, runId }: JobTarget, dataset: DatasetRecord): Job {
  checkDataset(dataset);
  const use = 'UPDATE runs SET dataset_digest = ? WHERE id = ? AND dataset_digest IS NULL';
  return {
    what: `dataset ${dataset.name}`,
    store: () => {
      writeDataset(database, dataset);
      database.prepare(use).run(dataset.digest, runId);
      fillMatrixCells(database, runId);
    },
  };
}

/** @throws TrackerInputError for a ledger that contradicts itself. */
export function predictionsJob({ database, runId }: JobTarget, predictions: PredictionInput): Job {
  const row = toLedgerRow(predictions);
  return {
    what: `predictions of ${predictions.split}`,
    store: () => {
      writeLedger(database, runId, row);
      fillMatrixCells(database, runId);
    },
  };
}

export function summaryJob({ database, runId }: JobTarget, values: Readonly<Record<string, number>>): Job {
  const kept = Object.entries(values);
  const store = (): void => {
    const metrics = new MetricWriter(database);
    for (const [name, value] of kept) metrics.setSummary(runId, name, value, Date.now());
  };
  return { what: 'summary', store, record: { kind: 'summary', values: kept } };
}

const INSERT_CONSOLE = `
  INSERT INTO console_chunks (run_id, number, lines)
  VALUES (?, (SELECT coalesce(max(number), 0) + 1 FROM console_chunks WHERE run_id = ?), ?)`;

/** @param lines as `ConsoleCapture` gives them. */
export function consoleJob({ database, runId }: JobTarget, lines: string): Job {
  return {
    what: 'console output',
    store: () => void database.prepare(INSERT_CONSOLE).run(runId, runId, lines),
  };
}
