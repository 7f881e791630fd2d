import type { SearchSpace } from '../space.ts';
import type { Objective, Trial, TrialState } from '../trial.ts';
import { type Axis, atFraction, axisOf, coordinate, fraction } from './scale.ts';
import { scored } from './trials.ts';

export interface Slice {
  readonly axis: Axis;
  /** `x` in the parameter's units, a choice's index. Trials where the parameter is inactive are left out. */
  readonly points: readonly { readonly number: number; readonly x: number; readonly value: number }[];
}

/** One scatter per parameter of the space: its value against an objective's. */
export function slices(trials: readonly Trial[], space: SearchSpace, index = 0): Slice[] {
  const done = scored(trials, index);
  return Object.entries(space.parameters).map(([path, spec]) => {
    const axis = axisOf(path, spec);
    const points = done.flatMap(({ trial, value }) => {
      const x = coordinate(axis, trial.parameters);
      return x === undefined ? [] : [{ number: trial.number, x, value }];
    });
    return { axis, points };
  });
}

/** A cell of a contour: mean of the trials in it. */
export interface ContourCell {
  readonly column: number;
  readonly row: number;
  readonly mean: number;
  readonly count: number;
}

export interface Contour {
  readonly x: Axis;
  readonly y: Axis;
  /** Edges of the cells in the parameters' units, one more than there are cells; a choice has a cell per value. */
  readonly xEdges: readonly number[];
  readonly yEdges: readonly number[];
  /** Cells with at least one trial. */
  readonly cells: readonly ContourCell[];
  readonly points: readonly {
    readonly number: number;
    readonly x: number;
    readonly y: number;
    readonly value: number;
  }[];
}

const CELLS = { fewest: 4, most: 12 };

/** Cells per axis: about two trials in each if they lay evenly. */
function cellsFor(trials: number): number {
  return Math.min(CELLS.most, Math.max(CELLS.fewest, Math.ceil(Math.sqrt(trials / 2))));
}

/** Edges that give a choice, and an int of few values, a cell for each value. */
function edgesOf(axis: Axis, space: SearchSpace, cells: number): number[] {
  const spec = space.parameters[axis.path]!;
  const unit = spec.kind === 'choice' ? 1 : spec.kind === 'int' && !spec.log ? spec.step : undefined;
  const values = unit === undefined ? Infinity : Math.floor((axis.high - axis.low) / unit) + 1;
  if (unit !== undefined && values <= Math.max(CELLS.most, spec.kind === 'choice' ? Infinity : 0)) {
    return Array.from({ length: values + 1 }, (_, i) => axis.low + (i - 0.5) * unit);
  }
  return Array.from({ length: cells + 1 }, (_, i) => atFraction(axis, i / cells));
}

function cellOf(edges: readonly number[], value: number): number {
  let cell = edges.length - 2;
  while (cell > 0 && value < edges[cell]!) cell--;
  return cell;
}

/**
 * Means of an objective over a grid of two parameters. Binned, not interpolated: a cell says what its own trials gave and
 * how many they are, and a cell without trials stays empty. Logarithmic parameters have cells of equal ratio.
 * @throws RangeError for a path that the space does not have.
 */
export function contour(
  trials: readonly Trial[],
  space: SearchSpace,
  paths: readonly [string, string],
  index = 0,
): Contour {
  const [x, y] = paths.map((path) => {
    const spec = space.parameters[path];
    if (!spec) throw new RangeError(`the space has no parameter '${path}'`);
    return axisOf(path, spec);
  }) as [Axis, Axis];
  const points = scored(trials, index).flatMap(({ trial, value }) => {
    const [px, py] = [coordinate(x, trial.parameters), coordinate(y, trial.parameters)];
    return px === undefined || py === undefined ? [] : [{ number: trial.number, x: px, y: py, value }];
  });
  const across = cellsFor(points.length);
  const [xEdges, yEdges] = [edgesOf(x, space, across), edgesOf(y, space, across)];
  const sums = new Map<string, { column: number; row: number; sum: number; count: number }>();
  for (const point of points) {
    const [column, row] = [cellOf(xEdges, point.x), cellOf(yEdges, point.y)];
    const cell = sums.get(`${column},${row}`) ?? { column, row, sum: 0, count: 0 };
    sums.set(`${column},${row}`, { ...cell, sum: cell.sum + point.value, count: cell.count + 1 });
  }
  const cells = [...sums.values()].map(({ column, row, sum, count }) => ({
    column,
    row,
    mean: sum / count,
    count,
  }));
  return { x, y, xEdges, yEdges, cells, points };
}

export interface ParallelCoordinates {
  readonly axes: readonly Axis[];
  readonly objectives: readonly { readonly metric: string; readonly low: number; readonly high: number }[];
  readonly lines: readonly {
    readonly number: number;
    readonly state: TrialState;
    /** 0 .. 1 per axis; null where the parameter is inactive. */
    readonly places: readonly (number | null)[];
    /** 0 .. 1 per objective between the lowest and the highest seen. */
    readonly values: readonly number[];
  }[];
}

/** Every completed trial as a line over all parameters and objectives. */
export function parallelCoordinates(
  trials: readonly Trial[],
  space: SearchSpace,
  objectives: readonly Objective[],
): ParallelCoordinates {
  const axes = Object.entries(space.parameters).map(([path, spec]) => axisOf(path, spec));
  const done = scored(trials).filter(({ trial }) =>
    objectives.every((_, i) => Number.isFinite(trial.values[i])),
  );
  const ranges = objectives.map(({ metric }, i) => {
    const values = done.map(({ trial }) => trial.values[i]!);
    return { metric, low: minimum(values), high: -minimum(values.map((value) => -value)) };
  });
  const lines = done.map(({ trial: { number, state, parameters, values } }) => ({
    number,
    state,
    places: axes.map((axis) => {
      const value = coordinate(axis, parameters);
      return value === undefined ? null : fraction(axis, value);
    }),
    values: ranges.map(({ low, high }, i) => (high === low ? 0.5 : (values[i]! - low) / (high - low))),
  }));
  return { axes, objectives: ranges, lines };
}

function minimum(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0);
}
