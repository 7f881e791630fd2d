import type { Objective, Trial } from '../trial.ts';
import type { Axis } from './axis.ts';
import { sameParameters, sameTrial } from './same-trial.ts';

/** Orders the parts of a history by how they count for a model. */
export type Standing = 'complete' | 'pruned' | 'pending' | 'none';

export interface Row {
  readonly trial: Trial;
  readonly standing: Standing;
  /** Objective values turned so that less is better; a NaN becomes Infinity. */
  readonly losses: readonly number[];
}

/**
 * A history in columns, by trial number: what the models of several suggestions share. Brought up to date with each new history;
 * only rows that changed are read again.
 */
export class HistoryTable {
  rows: Row[] = [];
  /** Per axis, the model's number of each row; NaN where the trial has none. */
  readonly columns: number[][];
  /** Per axis, the rows that have a number, by that number. */
  readonly orders: number[][];
  readonly #axes: readonly Axis[];
  readonly #signs: readonly number[];

  constructor(axes: readonly Axis[], objectives: readonly Objective[]) {
    this.#axes = axes;
    this.#signs = objectives.map(({ direction }) => (direction === 'maximize' ? -1 : 1));
    this.columns = axes.map(() => []);
    this.orders = axes.map(() => []);
  }

  read(history: readonly Trial[]): void {
    const trials = ascending(history);
    let kept = 0;
    while (
      kept < this.rows.length &&
      kept < trials.length &&
      sameTrial(this.rows[kept]!.trial, trials[kept]!)
    )
      kept++;
    // a changed outcome leaves the point where it was; a changed point, or fewer trials, starts anew
    const moved = this.rows.slice(kept).some((row, i) => !samePoint(row.trial, trials[kept + i]));
    if (moved) this.#clear();
    const known = this.rows.length;
    for (let i = moved ? 0 : kept; i < trials.length; i++) this.rows[i] = this.#row(trials[i]!);
    this.#axes.forEach((axis, k) => this.#extend(axis, k, known));
  }

  #clear(): void {
    this.rows = [];
    for (const column of this.columns) column.length = 0;
    for (const order of this.orders) order.length = 0;
  }

  #row(trial: Trial): Row {
    const losses = trial.values.map((value, i) =>
      Number.isNaN(value) ? Infinity : value * (this.#signs[i] ?? 1),
    );
    return { trial, standing: standingOf(trial, losses, this.#signs.length), losses };
  }

  #extend(axis: Axis, k: number, from: number): void {
    const column = this.columns[k]!;
    const order = this.orders[k]!;
    const bulk = this.rows.length - from > 32;
    for (let i = from; i < this.rows.length; i++) {
      const x = axis.toModel(this.rows[i]!.trial.parameters[axis.domain.path]);
      column.push(x);
      if (Number.isNaN(x)) continue;
      if (bulk) order.push(i);
      else order.splice(firstAbove(order, column, x), 0, i);
    }
    if (bulk) order.sort((a, b) => column[a]! - column[b]! || a - b);
  }
}

function standingOf(trial: Trial, losses: readonly number[], objectives: number): Standing {
  if (trial.state === 'COMPLETE') return losses.length >= objectives ? 'complete' : 'none';
  if (trial.state === 'PRUNED') return 'pruned';
  return trial.state === 'FAILED' ? 'none' : 'pending';
}

function ascending(history: readonly Trial[]): readonly Trial[] {
  const sorted = history.every((trial, i) => i === 0 || history[i - 1]!.number <= trial.number);
  return sorted ? history : [...history].sort((a, b) => a.number - b.number);
}

function samePoint(a: Trial, b: Trial | undefined): boolean {
  return b !== undefined && sameParameters(a, b);
}

/** Position in `order` of the first row whose number is above `x`. */
function firstAbove(order: readonly number[], column: readonly number[], x: number): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[order[middle]!]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
