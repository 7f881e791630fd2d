import type { Database } from 'better-sqlite3';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { fileURLToPath } from 'node:url';
import { movePointsIntoChunks } from './store/old-points.ts';
import { TrackerFileError, TrackerOutdatedError, TrackerTooNewError } from './errors.ts';

const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** "ATEL" in SQLite's `application_id`: how a file says that it is ours. */
export const APPLICATION_ID = 0x4154454c;

/** What SQL alone cannot do, by the number of the migration it belongs to: runs right after that one. */
const CODE_STEPS: Readonly<Record<number, (database: Database) => void>> = { 2: movePointsIntoChunks };

/** The version a database has after all migrations: their number. Kept in SQLite's `user_version`. */
export function latestVersion(): number {
  return readMigrationFiles({ migrationsFolder: FOLDER }).length;
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/**
 * Says whether the file is ours and which version it has; 0 is a fresh, empty database.
 * @throws TrackerFileError for somebody else's database, TrackerTooNewError for one of a newer Atelier.
 */
export function inspectVersion(database: Database): number {
  const application = Number(database.pragma('application_id', { simple: true }));
  const tables = Number(database.prepare('SELECT count(*) FROM sqlite_master').pluck().get());
  if (application !== APPLICATION_ID && (tables > 0 || application !== 0)) {
    throw new TrackerFileError('TRACKER_FOREIGN', database.name, 'is a SQLite database of another program');
  }
  const found = versionOf(database);
  const supported = latestVersion();
  if (found > supported) throw new TrackerTooNewError(database.name, found, supported);
  return found;
}

/** @throws TrackerOutdatedError where a reader needs a newer version than the file has. */
export function checkReadable(database: Database): void {
  const found = inspectVersion(database);
  const expected = latestVersion();
  if (found < expected) throw new TrackerOutdatedError(database.name, found, expected);
}

/**
 * Brings the database to a version, the latest unless told otherwise, all or nothing. Several processes may do this at
 * once: the version is read again under an exclusive lock, so each migration runs once.
 */
export function migrate(database: Database, version = latestVersion()): void {
  if (inspectVersion(database) >= version) return;
  const migrations = readMigrationFiles({ migrationsFolder: FOLDER });
  const apply = database.transaction(() => {
    for (let number = inspectVersion(database); number < version; number++) {
      for (const statement of migrations[number]!.sql) database.exec(statement);
      CODE_STEPS[number]?.(database);
      database.pragma(`user_version = ${number + 1}`);
    }
    database.pragma(`application_id = ${APPLICATION_ID}`);
  });
  apply.exclusive();
}
