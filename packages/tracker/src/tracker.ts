import type { Database } from 'better-sqlite3';
import { Attention } from './attention.ts';
import { loadArtifact } from './artifact-store.ts';
import { readCurves, readCurveView, type CurveRange, type CurveView } from './store/curve-reader.ts';
import { predictionsJob } from './store/write-jobs.ts';
import { Flusher } from './store/flusher.ts';
import { annotateRun, type Annotation } from './annotation.ts';
import { BUSY_TIMEOUT_MS, databaseFile, openForWriting } from './database.ts';
import { readUncommittedDiff } from './environment.ts';
import { ArtifactError, TrackerAccessError } from './errors.ts';
import { completeQuery, type Completion } from './query/complete.ts';
import { namesOf } from './query/fields.ts';
import { seedFamilies, type FamilyFilter, type SeedFamily } from './query/families.ts';
import {
  checkFields,
  orderRuns,
  queryRuns,
  readRuns,
  type RunPage,
  type RunQuery,
  type RunTableRow,
} from './query/run-table.ts';
import { runSql, type SqlOptions, type SqlResult } from './query/sql.ts';
import { readConsole, type ConsoleLine } from './run/console-capture.ts';
import { examine, type Finding } from './upkeep/doctor.ts';
import { purge, restoreRuns, trashRuns, type Purge, type PurgeOptions } from './upkeep/trash.ts';
import { readDataset, readPredictions } from './ledger.ts';
import { readOnlySource, writableSource, type Source } from './reader.ts';
import { recoverDeadRuns, type RecoveredRun } from './recovery.ts';
import { findRunId, getRun, listRuns, type RunFilter } from './run-queries.ts';
import { deleteView, listViews, saveView, type SavedView } from './saved-views.ts';
import { storeStart } from './run-start.ts';
import type { RunWriter } from './run-writer.ts';
import { withSource } from './source-of.ts';
import { reasonOf } from './write-failure.ts';
import { SqliteRunWriter } from './sqlite-run-writer.ts';
import type {
  Curve,
  DatasetRecord,
  PredictionInput,
  Predictions,
  Run,
  RunStart,
  RunSummary,
  TrackerWarning,
} from './schema.ts';

export interface TrackerOptions {
  /** The folder of `atelier.db` and `artifacts/`. */
  readonly home: string;
  /** Creates and changes nothing (but where `attend` is called); in a home without a database it sees no runs until a writer makes one. */
  readonly readonly?: boolean | undefined;
  /** Failed writes (kept and tried again) and refused input. Absent: Node's `process.emitWarning`. */
  readonly onWarning?: ((warning: TrackerWarning) => void) | undefined;
}

/** Runs in, runs out. Times are epoch milliseconds. */
export interface Tracker extends Disposable {
  readonly home: string;
  readonly readonly: boolean;
  /** Runs that this opening found RUNNING without a process and marked FAILED. */
  readonly recovered: readonly RecoveredRun[];
  /** @throws TrackerAccessError on a read-only tracker; TrackerInputError; TrackerWriteError. */
  startRun(start: RunStart): RunWriter;
  listRuns(filter?: RunFilter): RunSummary[];
  /** @throws RunUnknownError */
  getRun(id: number): Run;
  /** The id of the run of this id or name (newest first). @throws RunUnknownError with the nearest names. */
  findRunId(typed: string): number;
  /** Curves by name; with `afterSeq` (the `seq` of an earlier call) only what came since. */
  curves(
    id: number,
    options?: { keys?: readonly string[] | undefined; afterSeq?: number | undefined },
  ): { seq: number; curves: Curve[] };
  /**
   * One curve summed up so that it can be drawn `pixels` wide, with exact extremes; undefined where there is none of
   * this name. Reads a few times as many entries as pixels, however long the curve.
   */
  curve(id: number, key: string, range?: CurveRange): CurveView | undefined;
  /** The newest ledger of the split. */
  predictions(id: number, of: { split: string; checkpoint?: string | undefined }): Predictions | undefined;
  dataset(digest: string): DatasetRecord | undefined;
  /** @throws ArtifactError where the run has no such artifact, or its file is gone or damaged. */
  readArtifact(id: number, path: string): Uint8Array;
  /**
   * One page of the run table, filtered and sorted.
   * @throws QueryError for a filter that cannot be understood, with the place and the nearest names.
   */
  queryRuns(query?: RunQuery): RunPage;
  /** Ids of all runs of a filter in their order, 100,000 at most. @throws QueryError */
  runIds(query?: Pick<RunQuery, 'filter' | 'sort' | 'trash'>): number[];
  /** Rows of these runs in this order, without those that are gone. Columns that no run has are left out. */
  runRows(ids: readonly number[], of?: Pick<RunQuery, 'metrics' | 'columns'>): RunTableRow[];
  /** @throws QueryError with the nearest names for a column that no run can have. */
  checkFields(fields: readonly string[]): void;
  /** Every metric and parameter that some run has. */
  fieldNames(): { metrics: string[]; parameters: string[] };
  /** What may stand at the cursor of a filter that is being typed. */
  complete(text: string, cursor?: number): Completion;
  /** Finished runs that differ in nothing but seeds, with mean, spread and 95 % interval of each metric. */
  families(filter?: FamilyFilter): SeedFamily[];
  /** One reading SQL statement, in a process of its own with a time limit. @throws SqlError */
  sql(text: string, options?: SqlOptions): Promise<SqlResult>;
  /** What the run printed, where it was started with `capture: { console: true }`. */
  console(id: number, after?: number): ConsoleLine[];
  /** Sets a run's tags, notes or both; also of an ended one. @throws RunUnknownError, TrackerInputError */
  annotate(id: number, change: Annotation): void;
  /**
   * Adds a ledger to an ended run; the same split, checkpoint and dataset again replaces it.
   * @throws TrackerInputError for a ledger that contradicts itself
   */
  addLedger(id: number, predictions: PredictionInput): void;
  /** Puts ended runs into the trash. @throws RunStateError for a running one. */
  trash(ids: readonly number[]): void;
  /** @throws RunStateError for a run that is not in the trash. */
  restore(ids: readonly number[]): void;
  /** Empties the trash for good, with all that only its runs needed. */
  purge(options?: PurgeOptions): Purge;
  /** Views of the run table that people gave a name, by name. */
  views(): SavedView[];
  /** @throws TrackerInputError */
  saveView(view: { readonly name: string; readonly query: string }): void;
  /** False where there is none of this name. */
  deleteView(name: string): boolean;
  /** Looks the database and its files over; changes nothing. */
  examine(): Finding[];
  /** Cheap; moves when anything was written by any process. */
  changeCounter(): number;
  /** How many runs there are, the trash included. Cheap. */
  countRuns(): number;
  /** Says that somebody looks on: for five seconds other processes store what they log the sooner. Cheap. */
  attend(): void;
  /** Unfinished runs of this tracker fail. */
  close(): void;
}

/** Ids that one table scrolls through. */
const MOST_RUNS = 100_000;

function emitWarning(warning: TrackerWarning): void {
  process.emitWarning(warning.message, { code: warning.code });
}

/** Calls that only read, over whatever the source is at the moment. */
function readCalls(home: string, source: Source) {
  const attention = new Attention(home);
  return {
    listRuns: (filter: RunFilter = {}) => listRuns(source.database, filter),
    getRun: (id: number) => getRun(source.database, id),
    findRunId: (typed: string) => findRunId(source.database, typed),
    curves: (
      id: number,
      options: { keys?: readonly string[] | undefined; afterSeq?: number | undefined } = {},
    ) => readCurves(source.database, id, options.keys, options.afterSeq ?? 0),
    curve: (id: number, key: string, range: CurveRange = {}) =>
      readCurveView(source.database, id, key, range),
    predictions: (id: number, of: { split: string; checkpoint?: string | undefined }) =>
      readPredictions(source.database, id, of.split, of.checkpoint),
    dataset: (digest: string) => readDataset(source.database, digest),
    readArtifact(id: number, path: string) {
      const sha256 = source.database
        .prepare<[number, string], string>('SELECT sha256 FROM artifacts WHERE run_id = ? AND path = ?')
        .pluck()
        .get(id, path) as string | undefined;
      if (sha256 === undefined) throw new ArtifactError(path, `is not among the artifacts of run ${id}`);
      return loadArtifact(home, sha256);
    },
    queryRuns: (query: RunQuery = {}) => queryRuns(source.database, query),
    runIds: (query: Pick<RunQuery, 'filter' | 'sort' | 'trash'> = {}) =>
      orderRuns(source.database, query, MOST_RUNS),
    runRows: (ids: readonly number[], of: Pick<RunQuery, 'metrics' | 'columns'> = {}) =>
      readRuns(source.database, ids, of),
    checkFields: (fields: readonly string[]) => checkFields(source.database, fields),
    fieldNames() {
      const names = namesOf(source.database);
      return { metrics: names.metrics(), parameters: names.parameters() };
    },
    complete: (text: string, cursor?: number) => completeQuery(source.database, text, cursor),
    families: (filter: FamilyFilter = {}) => seedFamilies(source.database, filter),
    sql: (text: string, options?: SqlOptions) => runSql(databaseFile(home), text, options),
    console: (id: number, after?: number) => readConsole(source.database, id, after),
    views: () => listViews(source.database),
    examine: () => examine(source.database, home),
    changeCounter: () => source.changeCounter(),
    countRuns: () => source.database.prepare<[], number>('SELECT count(*) FROM runs').pluck().get()!,
    attend: () => attention.pay(),
  };
}

/** Calls that change runs that exist. */
function changeCalls(home: string, database: Database) {
  return {
    annotate: (id: number, change: Annotation) => annotateRun(database, id, change),
    addLedger(runId: number, predictions: PredictionInput) {
      database.transaction(predictionsJob({ database, home, runId }, predictions).store).immediate();
    },
    trash: (ids: readonly number[]) => trashRuns(database, ids),
    restore: (ids: readonly number[]) => restoreRuns(database, ids),
    purge: (options?: PurgeOptions) => purge(database, home, options),
    saveView: (view: { readonly name: string; readonly query: string }) => saveView(database, view),
    deleteView: (name: string) => deleteView(database, name),
  };
}

function openReader(home: string): Tracker {
  const source = readOnlySource(home);
  const close = (): void => source.close();
  const refuse = (): never => {
    throw new TrackerAccessError(
      home,
      'it is open for reading only (its folder cannot be written, or nothing was recorded yet)',
      undefined,
    );
  };
  const tracker: Tracker = {
    home,
    readonly: true,
    recovered: [],
    ...readCalls(home, source),
    startRun: refuse,
    annotate: refuse,
    addLedger: refuse,
    trash: refuse,
    restore: refuse,
    purge: refuse,
    saveView: refuse,
    deleteView: refuse,
    close,
    [Symbol.dispose]: close,
  };
  return withSource(tracker, source);
}

/** A tracker over an open, migrated database. */
export function trackerOver(
  database: Database,
  home: string,
  warn: (warning: TrackerWarning) => void = emitWarning,
  background = false,
): Tracker {
  const open = new Set<SqliteRunWriter>();
  const abandonAll = (code: string, message: string): void => {
    for (const writer of [...open]) writer.abandon({ code, message });
  };
  const onExit = (status: number): void =>
    abandonAll('PROCESS_EXITED', `the process ended (exit code ${status}) before the run was finished`);
  process.on('exit', onExit);
  // whoever fills the log copies it into the file and waits for the disk: the flusher should, hardly ever this thread
  if (background) database.pragma('wal_autocheckpoint = 10000');
  const onReturn = (): void => {
    for (const writer of open) writer.flusherFailed();
  };
  const onBroken = (cause: unknown): void => {
    const message = `the thread that stores points is gone (${reasonOf(cause)}): the training thread stores them itself`;
    warn({ code: 'TRACKER_WRITE', message, cause });
  };
  const flusher = background
    ? new Flusher(database.name, BUSY_TIMEOUT_MS, { onReturn, onBroken })
    : undefined;
  const context = {
    database,
    flusher,
    home,
    warn,
    onEnd: (writer: RunWriter) => void open.delete(writer as SqliteRunWriter),
  };
  const close = (): void => {
    process.off('exit', onExit);
    abandonAll('UNFINISHED', 'the tracker was closed before the run was finished');
    flusher?.close();
    database.close();
  };
  const source = writableSource(database);
  const tracker: Tracker = {
    home,
    readonly: false,
    recovered: recoverDeadRuns(database, home, warn),
    ...readCalls(home, source),
    ...changeCalls(home, database),
    startRun(start) {
      const { id, name } = storeStart(database, start);
      const { capture } = start;
      const writer = new SqliteRunWriter(context, id, name, capture);
      open.add(writer);
      const diff = capture?.diff === true ? readUncommittedDiff() : undefined;
      if (diff !== undefined) writer.logArtifact('git/uncommitted.diff', diff, 'text/x-diff');
      return writer;
    },
    close,
    [Symbol.dispose]: close,
  };
  return withSource(tracker, source);
}

/**
 * Opens the tracker of a home folder: `<home>/atelier.db` (SQLite, WAL), made and migrated under a lock where needed.
 * Runs whose process died are marked FAILED and listed in `recovered`.
 * @throws TrackerTooNewError, TrackerOutdatedError (readers), TrackerFileError (no SQLite file, damaged, somebody
 * else's), TrackerAccessError (read-only or full).
 */
export function openTracker({ home, readonly = false, onWarning }: TrackerOptions): Tracker {
  return readonly ? openReader(home) : trackerOver(openForWriting(home), home, onWarning, true);
}
