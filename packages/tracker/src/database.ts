import type { Database } from 'better-sqlite3';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openConnection } from './connection.ts';
import { TrackerAccessError, TrackerFileError } from './errors.ts';
import { checkReadable, inspectVersion, migrate } from './migrate.ts';
import { openReadable } from './readable-copy.ts';

/** Milliseconds a statement waits for another process to finish writing. */
export const BUSY_TIMEOUT_MS = 10_000;

export function databaseFile(home: string): string {
  return join(home, 'atelier.db');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What SQLite's and the file system's codes mean for the file; anything else is handed on as it is. */
function explained(file: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'SQLITE_NOTADB') {
    return new TrackerFileError('TRACKER_NOT_A_DATABASE', file, 'is no SQLite database', error);
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return new TrackerFileError('TRACKER_CORRUPT', file, 'is a damaged SQLite database', error);
  }
  if (code.startsWith('SQLITE_READONLY') || ['EACCES', 'EROFS', 'EPERM'].includes(code)) {
    return new TrackerAccessError(file, 'the file or its folder is read-only for this user', error);
  }
  if (code.startsWith('SQLITE_CANTOPEN') || ['ENOTDIR', 'EEXIST'].includes(code)) {
    return new TrackerAccessError(file, 'the folder cannot be used (is it a folder, and writable?)', error);
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new TrackerAccessError(file, 'the disk is full: free some space or move ATELIER_HOME', error);
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return new TrackerAccessError(file, 'another process has kept it locked; try again', error);
  }
  return error;
}

/** Runs `prepare` on a freshly opened database and closes it again where that fails. */
function prepared(open: () => Database, prepare: (database: Database) => void): Database {
  let database: Database | undefined;
  try {
    database = open();
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    throw error;
  }
}

/** What `open` gives; its errors say what they mean for the file. */
function explaining<Opened>(file: string, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    throw explained(file, error);
  }
}

/**
 * Switching a fresh file to WAL needs it alone for a moment, and SQLite does not wait for that by itself.
 * `synchronous = NORMAL` in WAL: a power cut may lose the last transactions, never the file's integrity;
 * a killed process loses nothing that was committed.
 */
function useWriteAheadLog(database: Database): void {
  const deadline = Date.now() + BUSY_TIMEOUT_MS;
  while (database.pragma('journal_mode', { simple: true }) !== 'wal') {
    try {
      database.pragma('journal_mode = WAL');
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_BUSY') || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20);
    }
  }
  database.pragma('synchronous = NORMAL');
}

/** Opens `<home>/atelier.db` for writing, made and migrated where needed. */
export function openForWriting(home: string): Database {
  const file = databaseFile(home);
  const open = (): Database => {
    // other people's consoles, diffs and notes are theirs
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return openConnection(file, { timeout: BUSY_TIMEOUT_MS });
  };
  const prepare = (database: Database): void => {
    migrate(database);
    useWriteAheadLog(database);
    database.pragma('foreign_keys = ON');
  };
  return explaining(file, () => prepared(open, prepare));
}

/** Beyond it the system's own cache serves nearly as fast, and there the pages are not held twice. */
const READER_CACHE_KB = 6000;

/**
 * Opens `<home>/atelier.db` for reading, in a read-only folder too (see `openReadable`); undefined where there is none yet or
 * a writer is just making it.
 */
export function openForReading(home: string): Database | undefined {
  const file = databaseFile(home);
  if (!existsSync(file)) return undefined;
  let blank = false;
  const options = { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS };
  const prepare = (opened: Database): void => {
    blank = inspectVersion(opened) === 0;
    if (!blank) checkReadable(opened);
  };
  const database = explaining(file, () =>
    openReadable(file, (path) => prepared(() => openConnection(path, options), prepare)),
  );
  if (blank) {
    database.close();
    return undefined;
  }
  database.pragma(`cache_size = -${READER_CACHE_KB}`);
  return database;
}

/** What a reader sees where there is no database yet: all tables, no rows. */
export function openEmpty(): Database {
  const database = openConnection(':memory:');
  migrate(database);
  return database;
}
