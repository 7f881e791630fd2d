import type { Database } from 'better-sqlite3';
import { storeArtifact } from './artifact-store.ts';
import { encodeHalves } from './float16.ts';
import { checkArtifact, checkDatasetAgainst, checkHead, checkLedger, checkPoints } from './import-check.ts';
import { readDataset, writeDataset, writeLedger } from './ledger.ts';
import { storeStart } from './run-start.ts';
import type { CurvePoint, DatasetRecord, PredictionInput, RunError, RunStart, RunStatus } from './schema.ts';
import { fillMatrixCells } from './store/matrix-cells.ts';
import { MetricWriter } from './store/points.ts';
import { PointImporter } from './import-points.ts';

/** A ledger as it is stored: `predicted` comes from the full precision that the probabilities no longer have. */
export interface StoredLedger extends PredictionInput {
  readonly predicted: Uint8Array;
}

export interface ImportedArtifact {
  readonly path: string;
  readonly mediaType: string;
  readonly createdAt: number;
  readonly bytes: () => Uint8Array;
}

/** A run that happened elsewhere, with the times and the status it had there. Times in epoch milliseconds. */
export interface ImportedRun {
  readonly start: RunStart;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: Exclude<RunStatus, 'RUNNING'>;
  readonly error?: RunError | undefined;
  readonly datasets: readonly DatasetRecord[];
  /** Made one after the other, so that one curve at a time is in memory. */
  readonly curves: () => Iterable<{ readonly key: string; readonly points: readonly CurvePoint[] }>;
  /** Numbers beyond the curves' ends, given the last value of each curve. */
  readonly summary: (lasts: ReadonlyMap<string, number>) => Readonly<Record<string, number>>;
  readonly artifacts: () => Iterable<ImportedArtifact>;
  readonly ledgers: () => Iterable<StoredLedger>;
}

/** Where runs are imported to. */
export interface ImportTarget {
  readonly database: Database;
  /** Keeps bytes and returns their SHA-256. */
  readonly keep: (bytes: Uint8Array) => string;
}

/** Told of points as they are stored; what it awaits lets signals in, what it throws ends the import. */
export interface ImportPace {
  add(points: number): Promise<void>;
}

/** Points stored between two breaths. */
const SLICE = 8192;

export function homeTarget(database: Database, home: string): ImportTarget {
  return { database, keep: (bytes) => storeArtifact(home, bytes) };
}

async function storeCurves(metrics: MetricWriter, id: number, run: ImportedRun, pace: ImportPace) {
  const points = new PointImporter(metrics, id);
  const lasts = new Map<string, number>();
  for (const curve of run.curves()) {
    for (let from = 0; from < curve.points.length; from += SLICE) {
      const slice = curve.points.slice(from, from + SLICE);
      checkPoints(curve.key, slice);
      points.add(curve.key, slice);
      await pace.add(slice.length);
    }
    const last = curve.points.at(-1);
    if (last !== undefined) lasts.set(curve.key, last.value);
  }
  return lasts;
}

function storeArtifacts({ database, keep }: ImportTarget, id: number, run: ImportedRun): void {
  const insert = database.prepare(
    'INSERT INTO artifacts (run_id, path, sha256, size, media_type, created_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (const artifact of run.artifacts()) {
    checkArtifact(artifact);
    const { path, mediaType, createdAt, bytes } = artifact;
    const content = bytes();
    insert.run(id, path, keep(content), content.length, mediaType, createdAt);
  }
}

function storeLedgers(database: Database, id: number, run: ImportedRun): void {
  for (const dataset of run.datasets) {
    checkDatasetAgainst(dataset, readDataset(database, dataset.digest));
    writeDataset(database, dataset);
  }
  for (const ledger of run.ledgers()) {
    const { predicted, probabilities, ...input } = ledger;
    checkLedger(ledger, readDataset(database, ledger.datasetDigest));
    writeLedger(database, id, { input, predicted, halves: encodeHalves(probabilities) });
  }
}

/** The run gets its own times and end; whoever wrote it is not known here. */
function storeEnd(database: Database, id: number, run: ImportedRun): void {
  database.prepare('DELETE FROM owners WHERE run_id = ?').run(id);
  database
    .prepare(
      `UPDATE runs SET created_at = ?, started_at = ?, ended_at = ?, status = ?, error_code = ?, error_message = ?,
         error_step = ? WHERE id = ?`,
    )
    .run(
      run.createdAt,
      run.startedAt,
      run.endedAt,
      run.status,
      run.error?.code ?? null,
      run.error?.message ?? null,
      run.error?.step ?? null,
      id,
    );
}

/**
 * Stores a run of another tracker, whole or not at all, and returns its id. `id` asks for one that must be larger
 * than all there are.
 * @throws TrackerInputError, ImportRunError for a run that cannot be stored, whatever `pace` throws.
 */
export async function importRun(
  target: ImportTarget,
  run: ImportedRun,
  pace: ImportPace,
  wantedId?: number,
): Promise<number> {
  const { database } = target;
  checkHead(run);
  // by hand, because better-sqlite3's transactions cannot wait for a signal
  database.exec('BEGIN IMMEDIATE');
  try {
    if (wantedId !== undefined) reserveId(database, wantedId);
    const { id } = storeStart(database, run.start);
    const metrics = new MetricWriter(database);
    const lasts = await storeCurves(metrics, id, run, pace);
    for (const [name, value] of Object.entries(run.summary(lasts)))
      metrics.setSummary(id, name, value, run.endedAt);
    storeArtifacts(target, id, run);
    storeLedgers(database, id, run);
    fillMatrixCells(database, id);
    storeEnd(database, id, run);
    database.exec('COMMIT');
    return id;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function reserveId(database: Database, id: number): void {
  database.prepare("DELETE FROM sqlite_sequence WHERE name = 'runs'").run();
  database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?)").run(id - 1);
}
