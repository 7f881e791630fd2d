import type { Database } from 'better-sqlite3';
import { openEmpty, openForReading } from './database.ts';

/** Where a tracker reads from. */
export interface Source {
  readonly database: Database;
  /** Moves whenever anything was written by any process, this one included. */
  changeCounter(): number;
  close(): void;
}

/** Counts changes of one connection: `data_version` moves with others' commits, `total_changes` with our own. */
export function changesOf(database: Database): string {
  const own = database.prepare('SELECT total_changes()').pluck().get();
  return `${database.pragma('data_version', { simple: true })}/${own}`;
}

export function writableSource(database: Database): Source {
  let seen = changesOf(database);
  let counter = 0;
  return {
    database,
    changeCounter() {
      const now = changesOf(database);
      if (now !== seen) counter++;
      seen = now;
      return counter;
    },
    close: () => database.close(),
  };
}

/**
 * A reader of a home where perhaps nothing has been recorded yet: it sees no runs and creates nothing, and turns to
 * the database as soon as a writer has made it.
 */
export function readOnlySource(home: string): Source {
  let file = openForReading(home);
  let empty = file === undefined ? openEmpty() : undefined;
  let seen = '';
  let counter = 0;
  const current = (): Database => {
    if (file === undefined && (file = openForReading(home)) !== undefined) {
      empty?.close();
      empty = undefined;
      counter++;
    }
    return (file ?? empty)!;
  };
  return {
    get database() {
      return current();
    },
    changeCounter() {
      const now = changesOf(current());
      if (now !== seen) counter++;
      seen = now;
      return counter;
    },
    close() {
      file?.close();
      empty?.close();
    },
  };
}
