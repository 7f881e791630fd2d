import type { Database } from 'better-sqlite3';
import { findDeadRuns, type DeadRun } from './recovery.ts';

/** How long a look at the running runs' processes serves. */
const FRESH_MS = 1000;

const looks = new WeakMap<Database, { at: number; dead: ReadonlyMap<number, DeadRun> }>();

/**
 * Runs that say RUNNING although their process is gone, by id: readers show them as FAILED before anyone has written
 * that down. Looks at most once a second.
 */
export function deadRuns(database: Database, now = Date.now()): ReadonlyMap<number, DeadRun> {
  const known = looks.get(database);
  if (known !== undefined && now - known.at < FRESH_MS && now >= known.at) return known.dead;
  const dead = new Map(findDeadRuns(database, now).map((run) => [run.id, run]));
  looks.set(database, { at: now, dead });
  return dead;
}

export function deadRunIds(database: Database): number[] {
  return [...deadRuns(database).keys()];
}
