import type { Database } from 'better-sqlite3';
import { renameSync, rmSync } from 'node:fs';
import { databaseFile, importRun, type ImportTarget, openForWriting, sha256Of } from '@atelier/tracker';
import type { ExportCounts, ExportJob } from './export-job.ts';
import { toImportedRun } from './run-transfer.ts';

/** SQLite's largest value is 1 GB. */
const PART_BYTES = 1 << 26;

/** The table that a bundle has beside those of every tracker. */
export const BUNDLE_TABLE = 'bundle_files';

function bundleTarget(database: Database): ImportTarget {
  database.exec(
    `CREATE TABLE ${BUNDLE_TABLE} (sha256 TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,
       PRIMARY KEY (sha256, part)) STRICT`,
  );
  const insert = database.prepare(`INSERT INTO ${BUNDLE_TABLE} VALUES (?, ?, ?) ON CONFLICT DO NOTHING`);
  const keep = (bytes: Uint8Array): string => {
    const sha256 = sha256Of(bytes);
    for (let part = 0; part === 0 || part * PART_BYTES < bytes.length; part++) {
      insert.run(sha256, part, Buffer.from(bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)));
    }
    return sha256;
  };
  return { database, keep };
}

async function fill(job: ExportJob, database: Database): Promise<void> {
  const target = bundleTarget(database);
  for (const id of job.ids) {
    const run = job.tracker.getRun(id);
    await job.pace.run(run.name);
    await importRun(target, toImportedRun(job.tracker, run), job.pace, id);
  }
  // one file, and no log beside it
  database.pragma('journal_mode = DELETE');
  database.exec('VACUUM');
}

/** One SQLite file: a tracker's database with these runs (ids as they are) and the bytes of their artifacts. */
export async function exportBundle(job: ExportJob, path: string): Promise<ExportCounts> {
  const folder = `${path}.making`;
  try {
    const database = openForWriting(folder);
    try {
      await fill(job, database);
    } finally {
      database.close();
    }
    renameSync(databaseFile(folder), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { points: job.pace.points, notes: [] };
}
