import type { CurveLine } from '../../api/curves.ts';

/** One line as it is drawn. Columns have one entry per x, in ascending order. */
export interface PlotLine {
  readonly id: string;
  /** The run it belongs to. */
  readonly run: number;
  readonly label: string;
  /** Points per entry. */
  readonly span: number;
  /** A CSS colour. */
  readonly colour: string;
  readonly dashed: boolean;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** The extremes behind `y`, or the band around it. */
  readonly low: readonly (number | null)[] | null;
  readonly high: readonly (number | null)[] | null;
  /** Drawn on top where there is one; the rest is faint then. */
  readonly smooth: readonly (number | null)[] | null;
  /** `low` and `high` are the range of several runs. */
  readonly band?: boolean;
  readonly odd: readonly (readonly [entry: number, kind: number])[];
}

export type Range = readonly [number, number];

/** The smoothed column or the raw one: what the legend and the pointer tell. */
export const shownColumn = (line: PlotLine) => line.smooth ?? line.y;

export function lineOf(curve: CurveLine, look: Pick<PlotLine, 'label' | 'colour' | 'dashed'>): PlotLine {
  return {
    id: `${curve.run} ${curve.key}`,
    run: curve.run,
    span: curve.span,
    ...look,
    x: curve.x ?? curve.step,
    y: curve.last,
    low: curve.min,
    high: curve.max,
    smooth: curve.smooth,
    odd: curve.odd,
  };
}

/** The smallest and the largest x; undefined where there is no point. */
export function extentX(lines: readonly PlotLine[], positive: boolean): Range | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const { x } of lines) {
    const first = positive ? x.find((value) => value > 0) : x[0];
    if (first !== undefined && first < low) low = first;
    const last = x.at(-1);
    if (last !== undefined && last > high) high = last;
  }
  return low > high ? undefined : low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** First entry at or after a place. */
export function firstAt(x: readonly number[], place: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

function columnsFor(line: PlotLine): readonly (readonly (number | null)[])[] {
  return [line.y, ...(line.low === null ? [] : [line.low]), ...(line.high === null ? [] : [line.high])];
}

/** The smallest and the largest value within a stretch of x, with some air. */
export function extentY(lines: readonly PlotLine[], [from, to]: Range, log: boolean): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const line of lines) {
    const start = Math.max(0, firstAt(line.x, from) - 1);
    const end = Math.min(line.x.length, firstAt(line.x, to) + 1);
    for (const column of columnsFor(line)) {
      for (let at = start; at < end; at++) {
        const value = column[at];
        if (value === null || value === undefined || (log && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  if (low > high) return log ? [0.1, 1] : [0, 1];
  if (log) return [low * 0.95, high * 1.05];
  const air = (high - low || Math.abs(high) || 1) * 0.05;
  return [low - air, high + air];
}

/** The entry nearest to a place; undefined where the line does not reach it. */
export function nearest({ x }: PlotLine, place: number, reach: number): number | undefined {
  const after = firstAt(x, place);
  const found = [after - 1, after]
    .filter((at) => at >= 0 && at < x.length)
    .sort((a, b) => Math.abs(x[a]! - place) - Math.abs(x[b]! - place))[0];
  return found === undefined || Math.abs(x[found]! - place) > reach ? undefined : found;
}
