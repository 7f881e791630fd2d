import type { SweepAxis } from '../../api/sweep.ts';
import { decimal, duration, metric } from '../shell/format.ts';

/** From values to pixels, with the ticks a reader needs. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
}

export type Format = (value: number) => string;

/** Round numbers, steps of 1, 2 or 5. */
export function roundTicks(low: number, high: number, most: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

/** Powers of ten, with 2 and 5 between them where there are few. */
function logTicks(low: number, high: number, most: number): number[] {
  const decades = Math.log10(high / low);
  const factors = decades < 1.5 && most >= 4 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / most));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power += every) {
    for (const factor of factors) {
      const tick = factor * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks.length >= 2 ? ticks : [low, high];
}

/** Plain digits, exponents for the very small and the very large. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

/** How a parameter's value reads: strings bare, the rest as JSON. */
export function settingText(value: unknown): string {
  if (typeof value === 'number') return short(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function metricFormat(name: string): Format {
  return (value) =>
    metric(name, value).endsWith('%') ? `${Number((value * 100).toFixed(2))}%` : decimal(value);
}

/** An even scale that leaves some room around the values. */
export function valueScale(
  values: readonly number[],
  [from, to]: readonly [number, number],
  format: Format,
): Scale {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (values.length === 0) return { at: () => from, ticks: [] };
  const room = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
  return linearScale([low - room, high + room], [from, to], format);
}

export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  format: Format = short,
): Scale {
  const at = (value: number): number => from + ((value - low) / (high - low || 1)) * (to - from);
  const most = Math.max(2, Math.floor(Math.abs(to - from) / (from > to ? 30 : 60)));
  return { at, ticks: roundTicks(low, high, most).map((tick) => ({ place: at(tick), label: format(tick) })) };
}

/** A parameter's axis over its whole range; the values of a choice in the middle of equal parts. */
export function axisScale(axis: SweepAxis, [from, to]: readonly [number, number]): Scale {
  if (axis.scale === 'choice') {
    const part = (to - from) / (axis.choices?.length ?? 1);
    const at = (index: number): number => from + (index + 0.5) * part;
    return {
      at,
      ticks: (axis.choices ?? []).map((choice, i) => ({ place: at(i), label: settingText(choice) })),
    };
  }
  if (axis.scale === 'log') {
    const [low, high] = [Math.log(axis.low), Math.log(axis.high)];
    const at = (value: number): number => from + ((Math.log(value) - low) / (high - low || 1)) * (to - from);
    const ticks = logTicks(axis.low, axis.high, Math.max(2, Math.floor(Math.abs(to - from) / 52)));
    return { at, ticks: ticks.map((tick) => ({ place: at(tick), label: short(tick) })) };
  }
  const inset = (to - from) * 0.02;
  return linearScale([axis.low, axis.high], [from + inset, to - inset]);
}

/** Time since the start: as exact as the whole is short. */
export function elapsedFormat(wholeMs: number): Format {
  if (wholeMs >= 10 * 60_000) return (ms) => duration(ms);
  const digits = wholeMs >= 10_000 ? 0 : wholeMs >= 1000 ? 1 : 2;
  return (ms) => `${(ms / 1000).toFixed(digits)} s`;
}

/** What of each dotted path tells it from the others: `kind`, or `model.kind` where the optimizer has one too. */
export function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const tail = (path: string, parts: number): string => path.split('.').slice(-parts).join('.');
  const nameOf = (path: string): string => {
    for (let parts = 1; ; parts++) {
      const name = tail(path, parts);
      if (name === path || paths.filter((other) => tail(other, parts) === name).length === 1) return name;
    }
  };
  return new Map(paths.map((path) => [path, nameOf(path)]));
}
