/** SQLite has no NaN and turns it into NULL; columns that hold values hold NULL for nothing else. */
export function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

export function nanFromNull(value: number | null): number {
  return value ?? NaN;
}
