import type { CurveColumns, CurveRun, CurveViews } from '../../api/curves.ts';

export const AXES = ['step', 'epoch', 'time', 'images'] as const;
export type Axis = (typeof AXES)[number];

/** A line as it is drawn. NaN in a column is a gap. */
export interface PlotLine {
  readonly name: string;
  readonly run: number;
  readonly label: string;
  readonly colour: string;
  readonly dashed: boolean;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Least and largest value of each place, where it stands for many points. */
  readonly min?: Float64Array;
  readonly max?: Float64Array;
  /** The moving mean; drawn in front of the raw line. */
  readonly smooth?: Float64Array;
  /** Sums of `ODD` bits. */
  readonly odd?: readonly number[];
  /** Drawn as an area between `min` and `max` with `y` in it: a family of seeds. */
  readonly band?: boolean;
}

const column = (values: readonly (number | null)[]): Float64Array =>
  Float64Array.from(values, (value) => value ?? NaN);

/** How much of the axis one step is; 1 where the run does not say. */
function perStep(run: CurveRun, axis: Axis): number {
  if (axis === 'epoch') return 1 / (run.stepsPerEpoch ?? 1);
  return axis === 'images' ? (run.batchSize ?? 1) : 1;
}

function xOf(curve: CurveColumns, run: CurveRun, axis: Axis): Float64Array {
  if (axis === 'time') return Float64Array.from(curve.time, (time) => (time - run.startedAt) / 1000);
  const unit = perStep(run, axis);
  return Float64Array.from(curve.to, (step) => step * unit);
}

export interface Named {
  readonly id: number;
  readonly name: string;
}

interface LineStyle {
  readonly axis: Axis;
  readonly runs: readonly Named[];
  readonly colourOf: (run: number) => string;
}

/** Validation is drawn solid, training dashed. */
export function linesOf(views: CurveViews, { axis, runs, colourOf }: LineStyle): PlotLine[] {
  const names = new Map(runs.map(({ id, name }) => [id, name]));
  const facts = new Map(views.runs.map((run) => [run.id, run]));
  return views.curves.map((curve) => {
    const name = names.get(curve.run) ?? String(curve.run);
    return {
      name: curve.key,
      run: curve.run,
      label: runs.length === 1 ? curve.key : `${name} ${curve.key.split('/')[0]}`,
      colour: colourOf(curve.run),
      dashed: curve.key.startsWith('train/') && views.curves.some(({ key }) => key.startsWith('val/')),
      x: xOf(curve, facts.get(curve.run)!, axis),
      y: column(curve.last),
      ...(curve.min && { min: column(curve.min) }),
      ...(curve.max && { max: column(curve.max) }),
      ...(curve.smooth && { smooth: column(curve.smooth) }),
      ...(curve.odd && { odd: curve.odd }),
    };
  });
}

/** The steps that a part of the axis covers, over all curves of these views. */
export function stepsWithin(views: CurveViews, axis: Axis, low: number, high: number): [number, number] {
  const facts = new Map(views.runs.map((run) => [run.id, run]));
  let [from, to] = [Infinity, -Infinity];
  for (const curve of views.curves) {
    const x = xOf(curve, facts.get(curve.run)!, axis);
    const first = x.findIndex((value) => value >= low);
    const last = x.findLastIndex((value) => value <= high);
    // one bucket more on either side, so that lines leave the picture at its edge
    from = Math.min(from, curve.from[Math.max(0, (first < 0 ? x.length : first) - 1)] ?? Infinity);
    to = Math.max(to, curve.to[Math.min(x.length - 1, last + 1)] ?? -Infinity);
  }
  return [from, to];
}
