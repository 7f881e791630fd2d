/** The database was written by a newer Atelier. */
export class TrackerTooNewError extends Error {
  readonly code = 'TRACKER_TOO_NEW';
  readonly usage = true;
  readonly file: string;
  readonly found: number;
  readonly supported: number;

  constructor(file: string, found: number, supported: number) {
    super(
      `${file} has database version ${found}, written by a newer Atelier; this one knows versions up to ${supported}. ` +
        'Update this Atelier, or point ATELIER_HOME at another folder. Nothing was changed.',
    );
    this.name = 'TrackerTooNewError';
    this.file = file;
    this.found = found;
    this.supported = supported;
  }
}

/** A reader met a database of an older version, which only a writer may bring up to date. */
export class TrackerOutdatedError extends Error {
  readonly code = 'TRACKER_OUTDATED';
  readonly file: string;

  constructor(file: string, found: number, expected: number) {
    super(
      `${file} has database version ${found}, this Atelier needs ${expected} and may only read here. ` +
        'Run `npx nx run tracker:ls` once: it brings the file up to date.',
    );
    this.name = 'TrackerOutdatedError';
    this.file = file;
  }
}

/** The file is no database of Atelier's: not SQLite, damaged, or somebody else's. */
export class TrackerFileError extends Error {
  readonly code: 'TRACKER_NOT_A_DATABASE' | 'TRACKER_FOREIGN' | 'TRACKER_CORRUPT';
  readonly usage = true;
  readonly file: string;

  constructor(code: TrackerFileError['code'], file: string, reason: string, cause?: unknown) {
    super(`${file} ${reason}. Move it away, or point ATELIER_HOME at another folder. Nothing was changed.`, {
      cause,
    });
    this.name = 'TrackerFileError';
    this.code = code;
    this.file = file;
  }
}

/** The database or its folder cannot be opened or written. */
export class TrackerAccessError extends Error {
  readonly code = 'TRACKER_ACCESS';
  readonly file: string;

  constructor(file: string, reason: string, cause: unknown) {
    super(`${file} cannot be opened: ${reason}`, { cause });
    this.name = 'TrackerAccessError';
    this.file = file;
  }
}

/** Something of a run could not be stored even after retries; what is missing is kept in memory. */
export class TrackerWriteError extends Error {
  readonly code = 'TRACKER_WRITE';

  constructor(what: string, reason: string, cause: unknown) {
    super(`${what} could not be stored: ${reason}`, { cause });
    this.name = 'TrackerWriteError';
  }
}

/** Someone wrote to a run that has ended. */
export class RunFinishedError extends Error {
  readonly code = 'RUN_FINISHED';
  readonly runId: number;

  constructor(runId: number, name: string, status: string) {
    super(`run ${runId} (${name}) is ${status} and read-only: start a new run to record more`);
    this.name = 'RunFinishedError';
    this.runId = runId;
  }
}

/** No run has this id or name. */
export class RunUnknownError extends Error {
  readonly code = 'RUN_UNKNOWN';
  readonly usage = true;
  readonly nearest: readonly string[];

  constructor(run: string | number, nearest: readonly string[] = []) {
    const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`;
    super(`there is no run "${run}".${hint} \`npx nx run tracker:ls\` lists all runs.`);
    this.name = 'RunUnknownError';
    this.nearest = nearest;
  }
}

/** What was handed over to be recorded is not what it should be. */
export class TrackerInputError extends Error {
  readonly code = 'TRACKER_INPUT';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TrackerInputError';
  }
}

/** A dataset of this digest is recorded already, with other content: one of the two is not what it says it is. */
export class DatasetConflictError extends Error {
  readonly code = 'DATASET_CONFLICT';
  readonly usage = true;
  readonly digest: string;

  constructor(digest: string, name: string, differs: string, runs: readonly string[]) {
    const users = runs.length === 0 ? 'no run uses it' : `it is used by ${runs.join(', ')}`;
    super(
      `dataset ${name} (digest ${digest.slice(0, 12)}) is recorded here with other ${differs}; ${users}. A digest ` +
        'stands for images, labels and classes: one of the two is forged or damaged. To forget the one recorded here, ' +
        'remove its runs (atelier rm, atelier gc)',
    );
    this.name = 'DatasetConflictError';
    this.digest = digest;
  }
}

/** A stored artifact is missing or is not what was stored. */
export class ArtifactError extends Error {
  readonly code = 'ARTIFACT_DAMAGED';
  readonly file: string;

  constructor(file: string, reason: string, cause?: unknown) {
    super(`artifact file ${file} ${reason}`, { cause });
    this.name = 'ArtifactError';
    this.file = file;
  }
}

/** A filter that cannot be understood. `at` and `end` say where, counted from 0. */
export class QueryError extends Error {
  readonly code = 'QUERY';
  readonly usage = true;
  readonly query: string;
  readonly at: number;
  readonly end: number;
  readonly reason: string;

  constructor(query: string, at: number, end: number, reason: string, nearest: readonly string[] = []) {
    const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`;
    // a long query is shown around the place only
    const start = Math.max(0, at - 60);
    const shown = query.slice(start, start + 120).replaceAll(/\s/g, ' ');
    const marks = '^'.repeat(Math.max(1, Math.min(end, start + 120) - at));
    super(`${reason}.${hint}\n  ${shown}\n  ${' '.repeat(at - start)}${marks}`);
    this.name = 'QueryError';
    this.query = query;
    this.at = at;
    this.end = end;
    this.reason = `${reason}.${hint}`;
  }
}

/** A filter or sorting that would keep others waiting. */
export class QueryTooSlowError extends Error {
  readonly code = 'QUERY_TOO_SLOW';

  constructor(what: string) {
    super(
      `this filter ${what}. Ask for less: a name or tag instead of notes, or the newest runs first, created > -7d and …`,
    );
    this.name = 'QueryTooSlowError';
  }
}

/** SQL that SQLite refuses, that would change something, or that takes too long. */
export class SqlError extends Error {
  readonly code = 'SQL';
  readonly usage = true;

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = 'SqlError';
  }
}

/** Something that only an ended run, or a run in the trash, may go through. */
export class RunStateError extends Error {
  readonly code = 'RUN_STATE';
  readonly usage = true;
  readonly runId: number;

  constructor(runId: number, name: string, reason: string) {
    super(`run ${runId} (${name}) ${reason}`);
    this.name = 'RunStateError';
    this.runId = runId;
  }
}

/** Somebody else changed a run's notes meanwhile. */
export class NotesChangedError extends Error {
  readonly code = 'NOTES_CHANGED';
  /** As they are now. */
  readonly notes: string | null;

  constructor(runId: number, notes: string | null) {
    super(`the notes of run ${runId} were changed meanwhile; they now say: ${notes ?? '(nothing)'}`);
    this.name = 'NotesChangedError';
    this.notes = notes;
  }
}

/** One run of a source is not what it should be; the others may be. */
export class ImportRunError extends Error {
  readonly code = 'IMPORT_RUN';

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = 'ImportRunError';
  }
}
