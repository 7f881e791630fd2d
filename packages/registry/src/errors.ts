function didYouMean(nearest: readonly string[]): string {
  return nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`;
}

/** No model, version or alias of this name. */
export class RegistryUnknownError extends Error {
  readonly code = 'REGISTRY_UNKNOWN';
  readonly usage = true;
  readonly nearest: readonly string[];

  constructor(what: string, nearest: readonly string[] = [], more = '') {
    super(`there is no ${what}.${didYouMean(nearest)}${more === '' ? '' : ` ${more}`}`);
    this.name = 'RegistryUnknownError';
    this.nearest = nearest;
  }
}

/** A name, a number or a combination of arguments that the registry cannot take. */
export class RegistryInputError extends Error {
  readonly code = 'REGISTRY_INPUT';
  readonly usage = true;

  constructor(message: string) {
    super(message);
    this.name = 'RegistryInputError';
  }
}

/** A gate file, or one predicate of it, that says nothing the registry could check. */
export class GateInvalidError extends Error {
  readonly code = 'GATE_INVALID';
  readonly usage = true;
  readonly file: string;
  /** From 1, where the fault is in a line. */
  readonly line: number | undefined;

  constructor(file: string, message: string, line?: number, cause?: unknown) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${message}`, { cause });
    this.name = 'GateInvalidError';
    this.file = file;
    this.line = line;
  }
}

/** Where a predicate stops making sense. */
export class PredicateError extends Error {
  readonly code = 'PREDICATE_INVALID';
  readonly usage = true;
  /** From 0, in characters. */
  readonly position: number;

  constructor(text: string, position: number, message: string) {
    super(`${message}\n  ${text}\n  ${' '.repeat(position)}^`);
    this.name = 'PredicateError';
    this.position = position;
  }
}

/** Two ledgers that do not judge the same samples, or a run without one. */
export class LedgerMismatchError extends Error {
  readonly code = 'LEDGER_MISMATCH';
  readonly usage = true;

  constructor(message: string) {
    super(message);
    this.name = 'LedgerMismatchError';
  }
}

/** The version's files are gone, damaged, or no model that answers; no alias moves to it. */
export class SmokeCheckError extends Error {
  readonly code = 'SMOKE_CHECK';

  constructor(what: string, reason: string) {
    super(`${what} does not answer: ${reason}. The alias was not moved.`);
    this.name = 'SmokeCheckError';
  }
}
