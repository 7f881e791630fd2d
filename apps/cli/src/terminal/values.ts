/** Milliseconds as people read them: `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 07 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Local time without seconds' fractions: `2026-11-22 20:04:31`. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs).toLocaleString('sv-SE');
}

/** Up to six significant digits; NaN and infinities by name. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return '';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** Whatever a column may hold. */
export function formatCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

/** JSON in which NaN and infinities, which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity". */
export function toPrintedJson(value: unknown): string {
  const named = (_: string, item: unknown): unknown =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
  return JSON.stringify(value, named, 2);
}
