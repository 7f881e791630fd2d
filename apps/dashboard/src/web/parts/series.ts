import type { AlignedData } from 'uplot';
import type { CurvePoint, Curves } from '../../api/schema.ts';

export type XAxis = 'step' | 'epoch';

/** One line of a chart. */
export interface Line {
  readonly id: number;
  readonly label: string;
  readonly colour: string;
  readonly kind: 'train' | 'val';
  readonly points: readonly CurvePoint[];
  readonly stepsPerEpoch: number | null;
}

export function pointsOf(curves: Curves | undefined, key: string): readonly CurvePoint[] {
  return curves?.curves.find((curve) => curve.key === key)?.points ?? [];
}

/** Optimizer steps in one epoch, from the last validation: it falls on the end of an epoch. */
export function stepsPerEpoch(curves: Curves | undefined): number | null {
  const last = pointsOf(curves, 'val/loss').at(-1);
  return last?.epoch ? last.step / last.epoch : null;
}

/**
 * Exponential moving mean, weighted so that it starts at the first value instead of being pulled to 0
 * (Adam's bias correction).
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let mean = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return mean / mass;
  });
}

function xOf(point: CurvePoint, line: Line, axis: XAxis): number {
  if (axis === 'step') return point.step;
  return line.stepsPerEpoch === null ? (point.epoch ?? 0) : point.step / line.stepsPerEpoch;
}

/** All lines over one common x, with gaps where a line has no point. */
export function align(lines: readonly Line[], axis: XAxis, smoothing: number): AlignedData {
  const xs = [...new Set(lines.flatMap((line) => line.points.map((point) => xOf(point, line, axis))))];
  xs.sort((a, b) => a - b);
  const at = new Map(xs.map((x, index) => [x, index]));
  const columns = lines.map((line) => {
    const raw = line.points.map((point) => point.value);
    const values = line.kind === 'train' && smoothing > 0 ? smooth(raw, smoothing) : raw;
    const column = new Array<number | null>(xs.length).fill(null);
    line.points.forEach((point, index) => (column[at.get(xOf(point, line, axis))!] = values[index] ?? null));
    return column;
  });
  return [xs, ...columns] as AlignedData;
}
