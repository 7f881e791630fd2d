function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function isDiskFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(codeOf(error));
}

/** Why a write failed, in a few words. */
export function reasonOf(error: unknown): string {
  if (isDiskFull(error)) return 'the disk is full';
  if (codeOf(error).startsWith('SQLITE_BUSY')) return 'another process keeps the database locked';
  if (codeOf(error).startsWith('SQLITE_READONLY')) return 'the database is read-only';
  return error instanceof Error ? error.message : String(error);
}
