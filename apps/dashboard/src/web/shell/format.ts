/** Numbers and times as people read them; a dash for what is not there. */
type Maybe = number | null | undefined;
const NONE = '–';

const isNumber = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value);

/** 0.91234 -> 91.23% */
export const percent = (value: Maybe, digits = 2): string =>
  isNumber(value) ? `${(value * 100).toFixed(digits)}%` : NONE;

/** Four significant digits at most, no exponent for everyday sizes. */
export function decimal(value: Maybe): string {
  if (!isNumber(value)) return NONE;
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const size = Math.abs(value);
  if (size < 0.001) return value.toExponential(1);
  return size >= 1000
    ? Math.round(value).toLocaleString('en')
    : value.toFixed(size >= 100 ? 1 : 4).slice(0, 6);
}

export const isShare = (name: string): boolean => /accuracy|f1|precision|recall/i.test(name);

/** A metric by its name: shares as percent. */
export const metric = (name: string, value: Maybe): string =>
  isShare(name) ? percent(value) : decimal(value);

const signOf = (value: number): string => (value > 0 ? '+' : value < 0 ? '−' : '±');

/** A difference with its sign; shares in percentage points. */
export function difference(name: string, value: Maybe): string {
  if (!isNumber(value)) return NONE;
  const size = Math.abs(value);
  return signOf(value) + (isShare(name) ? `${(size * 100).toFixed(2)} pp` : decimal(size));
}

export function duration(ms: Maybe): string {
  if (!isNumber(ms)) return NONE;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export function when(time: number, now = Date.now()): string {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1e6
    ? `${(size / 1e3).toFixed(1)} kB`
    : size < 1e9
      ? `${(size / 1e6).toFixed(1)} MB`
      : `${(size / 1e9).toFixed(1)} GB`;
}
