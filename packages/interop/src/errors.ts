/** What an export is to be written to is taken, or cannot be written. */
export class ExportTargetError extends Error {
  readonly code = 'EXPORT_TARGET';
  readonly usage = true;
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} ${reason}`, { cause });
    this.name = 'ExportTargetError';
    this.path = path;
  }
}

/** What was chosen to be exported is no list of runs, or empty. */
export class ExportSelectionError extends Error {
  readonly code = 'EXPORT_SELECTION';
  readonly usage = true;

  constructor(message: string) {
    super(message);
    this.name = 'ExportSelectionError';
  }
}

/** What is to be imported is not there, or nothing that can be read. */
export class ImportSourceError extends Error {
  readonly code = 'IMPORT_SOURCE';
  readonly usage = true;
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} ${reason}. Nothing was imported.`, { cause });
    this.name = 'ImportSourceError';
    this.path = path;
  }
}

/** The user ended it; nothing half-done is left. */
export class InterruptedError extends Error {
  readonly code = 'INTERRUPTED';

  constructor(what: string, kept: string) {
    super(`${what} was interrupted: ${kept}`);
    this.name = 'InterruptedError';
  }
}
