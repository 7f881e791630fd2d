import { firstAt, shownColumn, type PlotLine } from './scene.ts';

type Column = readonly (number | null)[];

/** A column's value at any place, by straight lines between its points; null outside of it and beside a gap. */
function interpolate(x: readonly number[], y: Column, place: number): number | null {
  const after = firstAt(x, place);
  if (x[after] === place) return y[after] ?? null;
  const [from, to] = [y[after - 1] ?? null, y[after] ?? null];
  if (from === null || to === null) return null;
  const [left, right] = [x[after - 1]!, x[after]!];
  return from + ((place - left) / (right - left)) * (to - from);
}

function band(lines: readonly PlotLine[]): PlotLine {
  const first = lines[0]!;
  const x = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const [y, low, high]: [(number | null)[], (number | null)[], (number | null)[]] = [[], [], []];
  for (const place of x) {
    const values = lines
      .map((line) => interpolate(line.x, shownColumn(line), place))
      .filter((value) => value !== null);
    const some = values.length > 0;
    y.push(some ? values.reduce((sum, value) => sum + value, 0) / values.length : null);
    low.push(some ? Math.min(...values) : null);
    high.push(some ? Math.max(...values) : null);
  }
  // span 1: the band is of runs, not of points that were summed up
  const label = `${first.label}, mean of ${lines.length}`;
  return {
    ...first,
    id: `${first.id} family`,
    label,
    span: 1,
    x,
    y,
    low,
    high,
    band: true,
    smooth: null,
    odd: [],
  };
}

const metricOf = ({ id, run }: PlotLine): string => id.slice(String(run).length + 1);

/** Which settings a run has, but for its seed, and that. */
export interface Seeded {
  readonly family: string | null;
  readonly seed: unknown;
}

/**
 * Runs that differ only in seeds as their mean, with the range of the seeds around it; of several of one seed the first
 * counts: a replay says nothing new.
 */
export function withBands(
  lines: readonly PlotLine[],
  seededOf: (run: number) => Seeded | undefined,
): readonly PlotLine[] {
  const groups = new Map<string, Map<unknown, PlotLine>>();
  for (const line of lines) {
    const { family = null, seed } = seededOf(line.run) ?? {};
    const key = `${metricOf(line)} ${family ?? `run ${line.run}`}`;
    const group = groups.get(key) ?? new Map<unknown, PlotLine>();
    groups.set(key, group);
    const which = seed ?? `run ${line.run}`;
    if (!group.has(which)) group.set(which, line);
  }
  return [...groups.values()].map((group) => {
    const seeds = [...group.values()];
    return seeds.length === 1 ? seeds[0]! : band(seeds);
  });
}

/** Every line minus the same metric of the baseline, where both have a value. */
export function minusBaseline(lines: readonly PlotLine[], baseline: number): readonly PlotLine[] {
  const bases = new Map(lines.filter(({ run }) => run === baseline).map((line) => [metricOf(line), line]));
  return lines.flatMap((line) => {
    const base = bases.get(metricOf(line));
    if (base === undefined) return [];
    const y = shownColumn(line).map((value, at) => {
      const from = interpolate(base.x, shownColumn(base), line.x[at]!);
      return value === null || from === null ? null : value - from;
    });
    return [{ ...line, span: 1, y, low: null, high: null, smooth: null, odd: [] }];
  });
}
