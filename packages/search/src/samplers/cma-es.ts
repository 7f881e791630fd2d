import { randomStream } from '@atelier/data';
import { SamplerError } from '../errors.ts';
import { buildPoint, compileSpace } from '../space-activity.ts';
import { meets } from '../space-meets.ts';
import type { Parameters } from '../trial.ts';
import { type Axis, axisOf } from './axis.ts';
import {
  type CmaConstants,
  type CmaState,
  cmaConstants,
  cmaSample,
  cmaUpdate,
  startState,
} from './cma-state.ts';
import { uniform53 } from './draw.ts';
import { HistoryTable } from './history-table.ts';
import { gaussian } from './normal.ts';
import { randomPoint } from './random.ts';
import type { CmaEsSampler, Sampler, SamplerTask } from './sampler.ts';

// points that miss the constraints are drawn again so often; then a random one that meets them stands in
const TRIES = 1000;

/** A finished trial as a generation takes it in: its point in the unit cube, and its loss. */
interface Told {
  readonly number: number;
  readonly point: Float64Array;
  readonly loss: number;
}

/**
 * CMA-ES (N. Hansen, "The CMA evolution strategy: a tutorial", 2016) over the numbers that exist at every point, each range as the unit
 * interval (its logarithm with `log`; half a step wider at both ends with steps, and rounded). Choices and conditional parameters are
 * drawn at random, as Optuna does. The state is rebuilt from the history: complete trials from number `startupTrials` on, in the order of
 * their numbers, make one generation after another; what is left over waits. So any trial may come in, from any worker.
 * @throws SamplerError for several objectives.
 */
export function cmaEsSampler(settings: CmaEsSampler, task: SamplerTask): Sampler {
  if (task.objectives.length > 1) {
    throw new SamplerError(
      'cma-es',
      `it follows one objective, not ${task.objectives.length}; use tpe or random`,
    );
  }
  const space = compileSpace(task.space);
  const axes = space.domains
    .filter((d) => d.count > 1 && d.spec.kind !== 'choice' && space.conditions.get(d.path)!.length === 0)
    .map(axisOf);
  const byPath = new Map(axes.map((axis, k) => [axis.domain.path, k]));
  const table = new HistoryTable(axes, task.objectives);
  const replay = axes.length === 0 ? undefined : new Replay(axes.length, settings);
  return {
    suggest(history, number) {
      if (replay === undefined || number < settings.startupTrials) return randomPoint(task, 'cma-es', number);
      table.read(history);
      const state = replay.after(toldTrials(table, axes, settings.startupTrials, number, replay.told));
      const stream = randomStream(task.seed, 'cma-es', 'ask', number);
      const uniform = (): number => uniform53(stream);
      for (let i = 0; i < TRIES; i++) {
        const unit = ask(state, uniform);
        const point: Parameters = buildPoint(space, (domain) => {
          const k = byPath.get(domain.path);
          return k === undefined ? domain.fromUnit(uniform()) : toValue(axes[k]!, unit[k]!);
        });
        if (meets(task.space, point)) return point;
      }
      return randomPoint(task, 'cma-es', number);
    },
  };
}

function toValue(axis: Axis, unit: number): Parameters[string] {
  return axis.toValue(axis.low + unit * (axis.high - axis.low));
}

/** A point of the distribution within the unit cube: drawn again up to 10 n times, then moved to the nearest side. */
function ask(state: CmaState, uniform: () => number): Float64Array {
  const n = state.mean.length;
  const draw = (): Float64Array =>
    cmaSample(
      state,
      Float64Array.from({ length: n }, () => gaussian(uniform)),
    );
  for (let i = 0; i < 10 * n; i++) {
    const point = draw();
    if (point.every((x) => x >= 0 && x <= 1)) return point;
  }
  return draw().map((x) => Math.min(1, Math.max(0, x)));
}

/** The complete trials as generations take them in; the records of `before` where nothing changed. */
function toldTrials(
  table: HistoryTable,
  axes: readonly Axis[],
  startup: number,
  but: number,
  before: readonly Told[],
): Told[] {
  const told: Told[] = [];
  const unit = (k: number, row: number): number =>
    (table.columns[k]![row]! - axes[k]!.low) / (axes[k]!.high - axes[k]!.low);
  for (let row = 0; row < table.rows.length; row++) {
    const { trial, standing, losses } = table.rows[row]!;
    if (standing !== 'complete' || trial.number < startup || trial.number === but) continue;
    const known = before[told.length];
    if (
      known?.number === trial.number &&
      known.loss === losses[0] &&
      known.point.every((x, k) => x === unit(k, row))
    ) {
      told.push(known);
      continue;
    }
    const point = Float64Array.from(axes, (_, k) => unit(k, row));
    if (!point.some(Number.isNaN)) told.push({ number: trial.number, point, loss: losses[0]! });
  }
  return told;
}

/** The states after each generation, recomputed only from the first generation that differs. */
class Replay {
  readonly #constants: CmaConstants;
  readonly #states: CmaState[];
  told: readonly Told[] = [];

  constructor(n: number, { sigma, population }: CmaEsSampler) {
    this.#constants = cmaConstants(n, population);
    this.#states = [startState(new Float64Array(n).fill(0.5), sigma)];
  }

  after(told: readonly Told[]): CmaState {
    const size = this.#constants.population;
    let same = 0;
    while (same < told.length && same < this.told.length && told[same] === this.told[same]) same++;
    this.#states.length = Math.min(this.#states.length, Math.floor(same / size) + 1);
    this.told = told;
    for (let from = (this.#states.length - 1) * size; from + size <= told.length; from += size) {
      const ranked = told.slice(from, from + size).sort((a, b) => a.loss - b.loss || a.number - b.number);
      const next = cmaUpdate(
        this.#states.at(-1)!,
        this.#constants,
        ranked.map(({ point }) => point),
      );
      // a distribution that has shrunk to nothing (or blown up) starts over
      this.#states.push(healthy(next) ? next : this.#states[0]!);
    }
    return this.#states.at(-1)!;
  }
}

function healthy({ sigma, mean, axes }: CmaState): boolean {
  return (
    sigma > 1e-300 && mean.every(Number.isFinite) && axes.values.every((d) => Number.isFinite(d) && d > 0)
  );
}
