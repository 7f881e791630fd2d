import { type RandomStream, randomStream } from '@atelier/data';
import { activeIn, compileSpace, type CompiledSpace } from '../space-activity.ts';
import { meets } from '../space-meets.ts';
import type { Parameters, ParameterValue } from '../trial.ts';
import { type Axis, axisOf } from './axis.ts';
import { HistoryTable, type Row } from './history-table.ts';
import { type Observations, ageWeights } from './kernel-widths.ts';
import { ParzenEstimator } from './parzen.ts';
import { randomPoint } from './random.ts';
import type { Sampler, SamplerTask, TpeSampler } from './sampler.ts';
import { type Split, splitRows } from './tpe-split.ts';

// points that miss the constraints are drawn again so often; then a random one that meets them stands in
const TRIES = 50;

/** Axes whose values are modelled together: positions in the table's columns. */
interface Group {
  readonly axes: readonly number[];
}

/**
 * Tree-structured Parzen estimator (J. Bergstra et al., "Algorithms for hyper-parameter optimization", NIPS 2011, and "Making a
 * science of model search", ICML 2013; S. Watanabe, "Tree-structured Parzen estimator", arXiv:2304.11127), with the choices of
 * Optuna's TPESampler; several objectives as MOTPE (Y. Ozaki et al., 2020): good trials by front and hypervolume. The good tenth of
 * the trials gives a density l, the rest g; of `candidates` points drawn from l the one with the largest l/g is suggested. A
 * conditional parameter learns from the trials that had it; multivariate models join the parameters that exist together.
 */
export function tpeSampler(settings: TpeSampler, task: SamplerTask): Sampler {
  const space = compileSpace(task.space);
  // a parameter with one value needs no model
  const axes = space.domains.filter((d) => d.count > 1).map(axisOf);
  const groups = groupsOf(space, axes, settings.multivariate ?? task.objectives.length === 1);
  const table = new HistoryTable(axes, task.objectives);
  const minimize = task.objectives[0]?.direction !== 'maximize';
  return {
    suggest(history, number) {
      table.read(history);
      const counts = ({ trial, standing }: Row): boolean =>
        trial.number !== number && (standing !== 'pending' || settings.constantLiar);
      if (axes.length === 0 || finishedTrials(table, number) < settings.startupTrials) {
        return randomPoint(task, 'tpe', number);
      }
      const split = splitRows(table.rows, counts, task.objectives.length, minimize);
      const models = new Map<Group, Models>();
      const shared = new Shared(table);
      const stream = randomStream(task.seed, 'tpe', 'candidates', number);
      for (let i = 0; i < TRIES; i++) {
        const point = drawModelled(space, axes, groups, (group) => {
          let model = models.get(group);
          if (model === undefined) {
            model = new Models(table, shared, axes, group, split, settings, task);
            models.set(group, model);
          }
          return model.best(settings.candidates, stream);
        });
        if (meets(task.space, point)) return point;
      }
      return randomPoint(task, 'tpe', number);
    },
  };
}

function finishedTrials({ rows }: HistoryTable, but: number): number {
  let count = 0;
  for (const { standing, trial } of rows) {
    if ((standing === 'complete' || standing === 'pruned') && trial.number !== but) count++;
  }
  return count;
}

function groupsOf(
  space: CompiledSpace,
  axes: readonly Axis[],
  multivariate: boolean,
): ReadonlyMap<string, Group> {
  const members = new Map<string, number[]>();
  const keys = axes.map(({ domain: { path } }) => {
    if (!multivariate) return path;
    const conditions = space.conditions.get(path)!.map(({ parent, values }) => [parent, [...values].sort()]);
    return JSON.stringify(conditions.sort());
  });
  keys.forEach((key, k) => members.set(key, [...(members.get(key) ?? []), k]));
  const groups = new Map([...members].map(([key, list]) => [key, { axes: list }]));
  return new Map(axes.map(({ domain: { path } }, k) => [path, groups.get(keys[k]!)!]));
}

/** A point whose groups are drawn whole, when the first active member's turn comes. */
function drawModelled(
  space: CompiledSpace,
  axes: readonly Axis[],
  groups: ReadonlyMap<string, Group>,
  draw: (group: Group) => readonly number[],
): Parameters {
  const drawn = new Map<string, ParameterValue>();
  const point: Record<string, ParameterValue> = {};
  for (const { path, at } of space.domains) {
    if (!activeIn(space, path, point)) continue;
    const group = groups.get(path);
    if (group !== undefined && !drawn.has(path)) {
      const values = draw(group);
      group.axes.forEach((k, i) => drawn.set(axes[k]!.domain.path, axes[k]!.toValue(values[i]!)));
    }
    point[path] = group === undefined ? at(0) : drawn.get(path)!;
  }
  return point;
}

/** What the models of one suggestion have in common. */
class Shared {
  readonly #table: HistoryTable;
  readonly #positions = new Map<readonly number[], Int32Array>();
  readonly #weights = new Map<number, Float64Array>();

  constructor(table: HistoryTable) {
    this.#table = table;
  }

  /** Where each row of the table stands in `rows`; -1 where it does not. */
  positions(rows: readonly number[]): Int32Array {
    const known = this.#positions.get(rows);
    if (known !== undefined) return known;
    const position = new Int32Array(this.#table.rows.length).fill(-1);
    for (let at = 0; at < rows.length; at++) position[rows[at]!] = at;
    this.#positions.set(rows, position);
    return position;
  }

  weights(n: number): Float64Array {
    const known = this.#weights.get(n) ?? ageWeights(n);
    this.#weights.set(n, known);
    return known;
  }
}

/** The densities of good and other trials over one group of axes. */
class Models {
  readonly #good: ParzenEstimator;
  readonly #rest: ParzenEstimator;

  constructor(
    table: HistoryTable,
    shared: Shared,
    axes: readonly Axis[],
    group: Group,
    split: Split,
    settings: TpeSampler,
    task: SamplerTask,
  ) {
    const estimator = (rows: readonly number[], even: boolean): ParzenEstimator => {
      const used = rowsWith(table, group, rows);
      const observations = observe(table, shared, axes, group, used);
      // with several objectives the good trials all weigh the same
      const weights = even ? new Float64Array(used.length).fill(1) : shared.weights(used.length);
      return new ParzenEstimator(observations, weights, settings);
    };
    this.#good = estimator(split.below, task.objectives.length > 1);
    this.#rest = estimator(split.above, false);
  }

  /** Of `candidates` points drawn from the good density, the one with the best ratio. */
  best(candidates: number, stream: RandomStream): readonly number[] {
    let best: readonly number[] = [];
    let most = -Infinity;
    for (let i = 0; i < candidates; i++) {
      const point = this.#good.sample(stream);
      const ratio = this.#good.logDensity(point) - this.#rest.logDensity(point);
      if (i === 0 || ratio > most) [best, most] = [point, ratio];
    }
    return best;
  }
}

function rowsWith(table: HistoryTable, { axes }: Group, rows: readonly number[]): readonly number[] {
  const lacking = axes
    .filter((k) => table.orders[k]!.length < table.rows.length)
    .map((k) => table.columns[k]!);
  return lacking.length === 0
    ? rows
    : rows.filter((row) => !lacking.some((column) => Number.isNaN(column[row]!)));
}

/** The rows' values on each axis of the group, with the order that the table keeps anyway. */
function observe(
  table: HistoryTable,
  shared: Shared,
  axes: readonly Axis[],
  group: Group,
  rows: readonly number[],
): Observations[] {
  const position = shared.positions(rows);
  return group.axes.map((k) => {
    const column = table.columns[k]!;
    const order = table.orders[k]!;
    const values = new Float64Array(rows.length);
    const sorted = new Int32Array(rows.length);
    for (let at = 0; at < rows.length; at++) values[at] = column[rows[at]!]!;
    for (let i = 0, n = 0; i < order.length; i++) {
      const at = position[order[i]!]!;
      if (at >= 0) sorted[n++] = at;
    }
    return { axis: axes[k]!, values, sorted };
  });
}
