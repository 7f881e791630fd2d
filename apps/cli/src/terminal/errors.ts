import { CommanderError } from 'commander';

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** An error a package throws on purpose: a literal `code`, and `usage: true` where the caller's input is at fault. */
interface NamedError extends Error {
  readonly code: string;
  readonly usage?: boolean;
  /** Where it is neither 1 nor 2: of what a signal ended. */
  readonly exitCode?: number;
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space, or point ATELIER_HOME at another disk',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such file or folder',
  EADDRINUSE: 'the port is already in use',
};

function isNamed(error: unknown): error is NamedError {
  return error instanceof Error && typeof (error as Partial<NamedError>).code === 'string';
}

/** One readable line (or a few) for anything thrown; the stack only where it was asked for. */
export function describeError(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return error.stack ?? error.message;
  if (isNamed(error) && error.code in SYSTEM_MESSAGES) {
    const path = (error as NodeJS.ErrnoException).path;
    return `${SYSTEM_MESSAGES[error.code]}${path === undefined ? '' : `: ${path}`}`;
  }
  return isNamed(error) ? error.message : `${error.message} (unexpected: --debug shows where)`;
}

/** 2 where the input was at fault, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  if (!isNamed(error)) return EXIT_FAILURE;
  return error.exitCode ?? (error.usage === true ? EXIT_USAGE : EXIT_FAILURE);
}
