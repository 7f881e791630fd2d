function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function isDiskFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(codeOf(error));
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** Why a write failed, in a few words. */
export function reasonOf(error: unknown): string {
  if (isDiskFull(error)) return 'the disk is full';
  if (isBusy(error)) return 'another process keeps the database locked';
  if (codeOf(error).startsWith('SQLITE_READONLY')) return 'the database is read-only';
  return error instanceof Error ? error.message : String(error);
}
