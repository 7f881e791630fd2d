import { existsSync, openSync, readSync, closeSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  databaseFile,
  homeTarget,
  type ImportedRun,
  importRun,
  type ImportTarget,
  openConnection,
  openForWriting,
  openTracker,
  type Run,
  type Tracker,
} from '@atelier/tracker';
import { openBundle } from './bundle-reader.ts';
import { BUNDLE_TABLE } from './bundle-writer.ts';
import { undamaged } from './damage.ts';
import { ImportSourceError, InterruptedError } from './errors.ts';
import { originOf } from './mlflow/export-run.ts';
import { MlflowFilesReader } from './mlflow/files-reader.ts';
import { fromMlflow } from './mlflow/import-mlflow.ts';
import type { MlflowReader } from './mlflow/reader.ts';
import { MlflowSqliteReader } from './mlflow/sqlite-reader.ts';
import { DATABASE_NAME } from './mlflow/sqlite-writer.ts';
import { Pace, type InteropProgress } from './pace.ts';
import { identityOf, KnownRuns } from './run-identity.ts';
import { eachRun } from './run-selection.ts';
import { toImportedRun } from './run-transfer.ts';

export const IMPORT_SOURCES = ['mlflow', 'bundle'] as const;
export type ImportSource = (typeof IMPORT_SOURCES)[number];

export interface ImportOptions {
  /** A bundle, another home, an MLflow database, or a folder that holds an MLflow store. */
  readonly path: string;
  /** Absent: guessed from the content. */
  readonly from?: ImportSource | undefined;
  /** The project of all imported runs; absent: that of each, or its experiment's name. */
  readonly project?: string | undefined;
  /**
   * Folders from which artifacts of an MLflow store may be taken although they are not below the store. It says itself
   * where its artifacts are, so anybody who made it could otherwise have any file of this machine copied.
   */
  readonly artifactFolders?: readonly string[] | undefined;
  /** Aborting ends the import; runs that are whole stay. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: InteropProgress) => void) | undefined;
}

export interface ImportReport {
  readonly path: string;
  readonly from: ImportSource;
  readonly imported: readonly { readonly id: number; readonly name: string }[];
  /** Runs that were here already, under these ids. */
  readonly skipped: readonly { readonly id: number; readonly name: string }[];
  readonly points: number;
  /** Runs that are not here because they are damaged or not what runs are, and why; the others are. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** What was not imported, in words. */
  readonly notes: readonly string[];
}

type Place =
  | { readonly kind: 'bundle'; readonly file: string }
  | { readonly kind: 'home'; readonly home: string }
  | { readonly kind: 'mlflow'; readonly file: string }
  | { readonly kind: 'mlflow-files'; readonly root: string };

function isSqlite(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(16);
    readSync(descriptor, head);
    return head.toString('latin1') === 'SQLite format 3\0';
  } finally {
    closeSync(descriptor);
  }
}

function placeOfFile(file: string): Place {
  if (!isSqlite(file)) {
    throw new ImportSourceError(file, 'is neither a bundle nor an MLflow database (both are SQLite files)');
  }
  const database = openConnection(file, { readonly: true });
  try {
    const tables = new Set(database.prepare('SELECT name FROM sqlite_master').pluck().all());
    if (tables.has(BUNDLE_TABLE)) return { kind: 'bundle', file };
    if (tables.has('alembic_version') && tables.has('experiments')) return { kind: 'mlflow', file };
    if (tables.has('metric_keys') && tables.has('runs')) {
      throw new ImportSourceError(file, 'is the database of a home: import its folder, or export a bundle');
    }
    throw new ImportSourceError(file, 'is a SQLite file, but neither a bundle nor an MLflow store');
  } catch (error) {
    if (error instanceof ImportSourceError) throw error;
    throw new ImportSourceError(file, `cannot be read: ${(error as Error).message}`, error);
  } finally {
    database.close();
  }
}

function hasExperiments(folder: string): boolean {
  return readdirSync(folder).some((name) => existsSync(join(folder, name, 'meta.yaml')));
}

function placeOfFolder(folder: string): Place {
  for (const name of [DATABASE_NAME, 'mlruns.db']) {
    if (existsSync(join(folder, name))) return placeOfFile(join(folder, name));
  }
  if (existsSync(databaseFile(folder))) return { kind: 'home', home: folder };
  for (const root of [folder, join(folder, 'mlruns')]) {
    if (existsSync(root) && hasExperiments(root)) return { kind: 'mlflow-files', root };
  }
  throw new ImportSourceError(
    folder,
    'holds neither an MLflow store (mlflow.db, mlruns) nor a home (atelier.db)',
  );
}

const SOURCE_OF = { bundle: 'bundle', home: 'bundle', mlflow: 'mlflow', 'mlflow-files': 'mlflow' } as const;

/** @throws ImportSourceError */
function findPlace(path: string, from: ImportSource | undefined): Place {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new ImportSourceError(path, 'does not exist');
  if (!found.isDirectory() && !found.isFile())
    throw new ImportSourceError(path, 'is neither a file nor a folder');
  const place = found.isDirectory() ? placeOfFolder(path) : placeOfFile(path);
  const source = SOURCE_OF[place.kind];
  if (from !== undefined && from !== source) {
    throw new ImportSourceError(path, `holds a store of kind ${source}, not ${from}`);
  }
  return place;
}

/** What no other run would fare better with: the end, or a target that takes nothing. */
function isFatal(error: unknown): boolean {
  if (error instanceof InterruptedError) return true;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const ends = /^(ENOSPC|EDQUOT|EROFS|EIO|EMFILE|SQLITE_(FULL|READONLY|BUSY|LOCKED|IOERR|CANTOPEN))/;
  return ends.test(String(code)) || (cause instanceof Error && isFatal(cause));
}

class Importer {
  readonly imported: { id: number; name: string }[] = [];
  readonly skipped: { id: number; name: string }[] = [];
  readonly refused: { name: string; reason: string }[] = [];
  readonly notes: string[] = [];
  private readonly known: KnownRuns;
  private readonly target: ImportTarget;
  private readonly options: ImportOptions;
  private readonly pace: Pace;
  private readonly tracker: Tracker;

  constructor(tracker: Tracker, target: ImportTarget, options: ImportOptions, pace: Pace) {
    this.tracker = tracker;
    this.known = new KnownRuns(tracker);
    this.target = target;
    this.options = options;
    this.pace = pace;
  }

  async addAll(source: Tracker): Promise<void> {
    const from = undamaged(source);
    const ids = Array.from(eachRun(source), ({ id }) => id).reverse();
    for (const id of ids) {
      await this.attempt(`run ${id}`, () => {
        const run = from.getRun(id);
        const identity = identityOf(run);
        const is = (known: Run): boolean => identityOf(known) === identity;
        return { run: toImportedRun(from, run, this.options.project), is };
      });
    }
  }

  async addMlflow(reader: MlflowReader): Promise<void> {
    let elsewhere = 0;
    for (const found of reader.runs()) {
      await this.attempt(found.name, () => {
        const read = { experiment: found.experiment, run: found.read() };
        const { uuid } = read.run;
        const run = fromMlflow(reader, read, this.options.project);
        if (reader.artifacts(read.run).elsewhere) elsewhere++;
        const is = (known: Run): boolean =>
          originOf(this.tracker, known)?.run.uuid === uuid || identityOf(known).startsWith(uuid);
        return { run, is };
      });
    }
    this.refused.push(...reader.refused);
    if (reader.leftBehind.length > 0) this.notes.push(`not imported: ${reader.leftBehind.join(', ')}`);
    if (elsewhere > 0)
      this.notes.push(
        `${elsewhere} runs say that their artifacts are not below the store (elsewhere on this machine, in a bucket, ` +
          'with a server): the links to them are kept; --artifacts-from=<folder> takes those below a folder of yours',
      );
  }

  /** Imports one run, or says why it is none and goes on. */
  private async attempt(
    label: string,
    read: () => { run: ImportedRun; is: (known: Run) => boolean },
  ): Promise<void> {
    let name = label;
    const before = this.pace.points;
    try {
      const { run, is } = read();
      name = run.start.name ?? label;
      await this.add(run, is);
    } catch (error) {
      if (isFatal(error)) throw error;
      this.pace.points = before;
      this.refused.push({ name, reason: (error as Error).message });
    }
  }

  private async add(run: ImportedRun, is: (known: Run) => boolean): Promise<void> {
    const name = run.start.name ?? '';
    await this.pace.run(name);
    const there = this.known.find(run.createdAt, is);
    if (there !== undefined) {
      this.skipped.push({ id: there, name });
      return;
    }
    const id = await importRun(this.target, run, this.pace);
    this.known.add(id, run.createdAt);
    this.imported.push({ id, name });
  }
}

function openMlflow(
  place: Extract<Place, { kind: 'mlflow' | 'mlflow-files' }>,
  { artifactFolders = [] }: ImportOptions,
): MlflowReader {
  if (place.kind === 'mlflow') return new MlflowSqliteReader(place.file, artifactFolders);
  return new MlflowFilesReader(place.root, artifactFolders);
}

function openSource(place: Extract<Place, { kind: 'bundle' | 'home' }>): Tracker {
  return place.kind === 'bundle' ? openBundle(place.file) : openTracker({ home: place.home, readonly: true });
}

/**
 * Takes runs over from a share bundle, another home or an MLflow store, with their times, status, curves and
 * artifacts. Each run is stored whole or not at all; one that is here already is skipped, one that is damaged refused.
 * @throws ImportSourceError, InterruptedError, TrackerTooNewError
 */
export async function importRuns(tracker: Tracker, options: ImportOptions): Promise<ImportReport> {
  const place = findPlace(options.path, options.from);
  using source =
    place.kind === 'bundle' || place.kind === 'home' ? openSource(place) : openMlflow(place, options);
  const runs = 'runCount' in source ? source.runCount : Array.from(eachRun(source)).length;
  const what = ['the import', 'runs that were whole are here; start it again for the others'] as const;
  const pace = new Pace({ runs, signal: options.signal, onProgress: options.onProgress, what });
  const database = openForWriting(tracker.home);
  const importer = new Importer(tracker, homeTarget(database, tracker.home), options, pace);
  try {
    if ('runCount' in source) await importer.addMlflow(source);
    else await importer.addAll(source);
    await pace.end();
  } finally {
    database.close();
  }
  const { imported, skipped, refused, notes } = importer;
  const from = SOURCE_OF[place.kind];
  return { path: options.path, from, imported, skipped, refused, points: pace.points, notes };
}
