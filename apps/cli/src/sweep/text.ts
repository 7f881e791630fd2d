import type { Objective, Parameters } from '@atelier/search';

/** At most six digits that count. */
export function formatValue(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(6)));
}

/** `optimizer.learningRate=0.001 model.dropout=0.35` */
export function formatParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(
      ([path, value]) => `${path}=${typeof value === 'number' ? formatValue(value) : JSON.stringify(value)}`,
    )
    .join(' ');
}

/** `val/accuracy 0.91 model/parameters 423946` */
export function formatValues(objectives: readonly Objective[], values: readonly number[]): string {
  return objectives.map(({ metric }, i) => `${metric} ${formatValue(values[i])}`).join('  ');
}

/** `45 s`, `12 min`, `2 h 5 min` */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function isBetter({ direction }: Objective, a: number, b: number): boolean {
  return direction === 'maximize' ? a > b : a < b;
}

/** `9 trials`, `1 trial` */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}
