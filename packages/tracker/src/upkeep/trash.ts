import type { Database } from 'better-sqlite3';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { artifactFile } from '../artifact-store.ts';
import { RunStateError, RunUnknownError } from '../errors.ts';

interface RunRow {
  name: string;
  status: string;
  deleted_at: number | null;
}

function rowOf(database: Database, id: number): RunRow {
  const row = database
    .prepare<[number], RunRow>('SELECT name, status, deleted_at FROM runs WHERE id = ?')
    .get(id);
  if (row === undefined) throw new RunUnknownError(id);
  return row;
}

/** Puts ended runs into the trash, all or none. Those that are in it stay. @throws RunStateError for a running one. */
export function trashRuns(database: Database, ids: readonly number[], now = Date.now()): void {
  const trash = database.transaction(() => {
    for (const id of ids) {
      const { name, status } = rowOf(database, id);
      if (status === 'RUNNING') throw new RunStateError(id, name, 'is RUNNING: end it before you remove it');
      database.prepare('UPDATE runs SET deleted_at = coalesce(deleted_at, ?) WHERE id = ?').run(now, id);
    }
  });
  trash.immediate();
}

/** Takes runs out of the trash, all or none. @throws RunStateError for one that is not in it. */
export function restoreRuns(database: Database, ids: readonly number[]): void {
  const restore = database.transaction(() => {
    for (const id of ids) {
      const { name, deleted_at: deletedAt } = rowOf(database, id);
      if (deletedAt === null) throw new RunStateError(id, name, 'is not in the trash');
      database.prepare('UPDATE runs SET deleted_at = NULL WHERE id = ?').run(id);
    }
  });
  restore.immediate();
}

/** What a purge removes, or would remove. */
export interface Purge {
  readonly runs: readonly { readonly id: number; readonly name: string }[];
  /** Runs in the trash that stay, because something still refers to them, such as a registered model. */
  readonly kept: readonly { readonly id: number; readonly name: string }[];
  readonly artifacts: { readonly files: number; readonly bytes: number };
  readonly datasets: readonly string[];
  /** Bytes the database file got smaller; 0 for a dry run. */
  readonly reclaimed: number;
}

export interface PurgeOptions {
  /** Only runs that have been in the trash for so many milliseconds (0). */
  readonly olderThanMs?: number | undefined;
  /** Says what would go and removes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** Files younger than this may belong to a write that has not committed yet. */
const YOUNG_MS = 60 * 60 * 1000;

/** Artifact files, by SHA-256. Half-written ones have no SHA-256. */
export function artifactFiles(home: string): { sha256: string | undefined; file: string }[] {
  const folder = join(home, 'artifacts');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const sha256 = `${entry.parentPath.slice(-2)}${entry.name}`;
      return { file, sha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined };
    });
}

function tablesWith(database: Database, column: string): string[] {
  return database
    .prepare(
      `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = ?
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`,
    )
    .pluck()
    .all(column) as string[];
}

/** Content that some table refers to, whichever tables there are. */
export function referencedContent(database: Database): Set<string> {
  const tables = tablesWith(database, 'sha256');
  return new Set(
    tables.flatMap(
      (table) => database.prepare(`SELECT DISTINCT sha256 FROM "${table}"`).pluck().all() as string[],
    ),
  );
}

const UNUSED_DATASETS = `
  SELECT digest FROM datasets d
  WHERE NOT EXISTS (SELECT 1 FROM runs WHERE dataset_digest = d.digest)
    AND NOT EXISTS (SELECT 1 FROM predictions WHERE dataset_digest = d.digest)`;

function sizeOf(database: Database): number {
  return (
    Number(database.pragma('page_count', { simple: true })) *
    Number(database.pragma('page_size', { simple: true }))
  );
}

/**
 * Removes the trash for good: the runs with all that is theirs, datasets that no run is left of, and artifact files that
 * nothing refers to. Nothing is left dangling: rows go in one transaction, files after it.
 */
export function purge(database: Database, home: string, options: PurgeOptions = {}): Purge {
  const { olderThanMs = 0, dryRun = false } = options;
  const before = sizeOf(database);
  const { files, ...result } = removeRows(database, home, Date.now() - olderThanMs, dryRun);
  if (dryRun) return { ...result, reclaimed: 0 };
  for (const { file } of files) rmSync(file, { force: true });
  if (result.runs.length > 0) database.exec('VACUUM');
  database.pragma('wal_checkpoint(TRUNCATE)');
  return { ...result, reclaimed: Math.max(0, before - sizeOf(database)) };
}

/** False where something that outlives the run refers to it. */
function removeRun(database: Database, id: number): boolean {
  try {
    database.prepare('DELETE FROM runs WHERE id = ?').run(id);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT'))
      return false;
    throw error;
  }
}

class Rollback extends Error {}

/** Removes rows and says which files have nothing left that refers to them; a dry run takes the rows back. */
function removeRows(database: Database, home: string, until: number, dryRun: boolean) {
  let found: (Omit<Purge, 'reclaimed'> & { files: { file: string }[] }) | undefined;
  const remove = database.transaction(() => {
    const runs = database
      .prepare<[number], { id: number; name: string }>(
        'SELECT id, name FROM runs WHERE deleted_at <= ? ORDER BY id',
      )
      .all(until);
    const kept = runs.filter(({ id }) => !removeRun(database, id));
    const datasets = database.prepare(UNUSED_DATASETS).pluck().all() as string[];
    for (const digest of datasets) database.prepare('DELETE FROM datasets WHERE digest = ?').run(digest);
    database.exec(`DELETE FROM metric_keys WHERE NOT EXISTS (SELECT 1 FROM latest_metrics WHERE key_id = id)
      AND NOT EXISTS (SELECT 1 FROM summaries WHERE key_id = id) AND NOT EXISTS (SELECT 1 FROM runs WHERE status = 'RUNNING')`);
    const files = unreferencedFiles(database, home);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    found = {
      runs: runs.filter((run) => !kept.includes(run)),
      kept,
      datasets,
      artifacts: { files: files.length, bytes },
      files,
    };
    if (dryRun) throw new Rollback();
  });
  try {
    remove.immediate();
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
  return found!;
}

/** Artifact files that nothing refers to, but for those just written. */
export function unreferencedFiles(database: Database, home: string): { file: string; size: number }[] {
  const used = referencedContent(database);
  return artifactFiles(home).flatMap(({ sha256, file }) => {
    if (sha256 !== undefined && used.has(sha256)) return [];
    const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: Date.now() };
    return running(database) && Date.now() - mtimeMs < YOUNG_MS ? [] : [{ file, size }];
  });
}

/** A run that is writing may just have written a file whose row is still to come. */
function running(database: Database): boolean {
  return database.prepare("SELECT 1 FROM runs WHERE status = 'RUNNING' LIMIT 1").get() !== undefined;
}

/** Content whose file is gone, with one run that needs it. */
export function missingFiles(
  database: Database,
  home: string,
): { runId: number; path: string; sha256: string }[] {
  return database
    .prepare<[], { runId: number; path: string; sha256: string }>(
      'SELECT run_id AS runId, path, sha256 FROM artifacts ORDER BY run_id, path',
    )
    .all()
    .filter(({ sha256 }) => !existsSync(artifactFile(home, sha256)));
}
