import type { PlotLine } from './lines.ts';

/** A line's value at any place, by straight lines between its points; NaN outside of it. */
function interpolate(x: Float64Array, y: Float64Array, at: number): number {
  const last = x.length - 1;
  if (last < 0 || at < x[0]! || at > x[last]!) return NaN;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle;
  }
  if (x[high] === at) return y[high]!;
  const share = (at - x[low]!) / (x[high]! - x[low]! || 1);
  return y[low]! + share * (y[high]! - y[low]!);
}

function joined(lines: readonly PlotLine[]): Float64Array {
  const all = new Set<number>();
  for (const { x } of lines) for (const at of x) all.add(at);
  return Float64Array.from(all).sort();
}

function band(lines: readonly PlotLine[]): PlotLine {
  const first = lines[0]!;
  const x = joined(lines);
  const [y, min, max] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(x.length)];
  const ys = lines.map((line) => line.smooth ?? line.y);
  x.forEach((at, index) => {
    let [sum, count, low, high] = [0, 0, Infinity, -Infinity];
    lines.forEach((line, which) => {
      const value = interpolate(line.x, ys[which]!, at);
      if (Number.isNaN(value)) return;
      sum += value;
      count++;
      low = Math.min(low, value);
      high = Math.max(high, value);
    });
    y[index] = count === 0 ? NaN : sum / count;
    min[index] = count === 0 ? NaN : low;
    max[index] = count === 0 ? NaN : high;
  });
  const { smooth: _smooth, odd: _odd, ...of } = first;
  return { ...of, label: `${first.label}, mean of ${lines.length}`, x, y, min, max, band: true };
}

/** Runs that differ only in seeds as their mean, with the range of the seeds around it. */
export function withBands(lines: readonly PlotLine[], familyOf: (run: number) => string | null): PlotLine[] {
  const groups = new Map<string, PlotLine[]>();
  for (const line of lines) {
    const key = `${line.name} ${familyOf(line.run) ?? `run ${line.run}`}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups.values()].map((group) => (group.length === 1 ? group[0]! : band(group)));
}

/** Every line minus the same metric of the baseline, where both have a value. */
export function minusBaseline(lines: readonly PlotLine[], baseline: number): PlotLine[] {
  const bases = new Map(lines.filter(({ run }) => run === baseline).map((line) => [line.name, line]));
  return lines.flatMap((line) => {
    const base = bases.get(line.name);
    if (base === undefined) return [];
    const minus = (values: Float64Array): Float64Array =>
      values.map((value, at) => value - interpolate(base.x, base.smooth ?? base.y, line.x[at]!));
    const { min: _min, max: _max, odd: _odd, smooth: _smooth, ...of } = line;
    return [
      {
        ...of,
        y: minus(line.smooth ?? line.y),
        ...(line.band && { min: minus(line.min!), max: minus(line.max!) }),
      },
    ];
  });
}
