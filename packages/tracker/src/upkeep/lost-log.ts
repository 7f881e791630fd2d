import { existsSync } from 'node:fs';
import { databaseFile, openForReading } from '../database.ts';

/**
 * Whether a home's database stands without its write-ahead log: a run in it has not ended, and the log, which only the last process
 * that ends well takes away, is not there. It was copied alone, or somebody deleted the log; what was recorded last is not in it. Ask
 * before the home is opened for writing, which begins a new log. A loss while no run was going cannot be seen.
 */
export function hasLostLog(home: string): boolean {
  const file = databaseFile(home);
  if (!existsSync(file) || existsSync(`${file}-wal`)) return false;
  const database = openForReading(home);
  if (database === undefined) return false;
  try {
    return database.prepare(`SELECT 1 FROM runs WHERE status = 'RUNNING' LIMIT 1`).get() !== undefined;
  } finally {
    database.close();
  }
}
