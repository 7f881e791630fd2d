import type { Objective, Trial } from '../trial.ts';
import { complete, loss } from './trials.ts';

export interface ParetoPoint {
  readonly number: number;
  readonly values: readonly number[];
  /** 1 on the front, 2 on what is the front without those, and so on. */
  readonly rank: number;
}

export interface ParetoFront {
  /** Every completed trial, by number. */
  readonly points: readonly ParetoPoint[];
  /** Numbers of the trials that no other one dominates, best in the first objective first. */
  readonly front: readonly number[];
}

/** No worse anywhere and better somewhere. Losses: less is better. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) better = true;
  }
  return better;
}

function compareLosses(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/**
 * Ranks by non-domination, for any number of objectives: sorted by the first one, a point need only be compared with
 * points before it ("ENS", Zhang et al., IEEE Trans. Evol. Comp. 19:201, 2015), by bisection over the fronts.
 */
export function nonDominatedRanks(losses: readonly (readonly number[])[]): number[] {
  const order = losses.map((_, index) => index).sort((a, b) => compareLosses(losses[a]!, losses[b]!));
  const fronts: number[][] = [];
  const ranks = new Array<number>(losses.length).fill(0);
  for (const index of order) {
    // whoever is dominated in a front is dominated in all fronts before it
    let [low, high] = [0, fronts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isDominatedIn(fronts[middle]!, losses[index]!, losses)) low = middle + 1;
      else high = middle;
    }
    (fronts[low] ??= []).push(index);
    ranks[index] = low + 1;
  }
  return ranks;
}

function isDominatedIn(
  front: readonly number[],
  point: readonly number[],
  losses: readonly (readonly number[])[],
) {
  // the latest of a front is the likeliest to dominate; with two objectives it is the only one that can
  for (let i = front.length - 1; i >= 0; i--) {
    if (dominates(losses[front[i]!]!, point)) return true;
    if (point.length <= 2) return false;
  }
  return false;
}

/** The completed trials that are best in some trade of the objectives. Equal values stand on the front together. */
export function paretoFront(trials: readonly Trial[], objectives: readonly Objective[]): ParetoFront {
  const done = complete(trials, objectives).sort((a, b) => a.number - b.number);
  const losses = done.map((trial) =>
    objectives.map((objective, index) => loss(trial.values[index]!, objective)),
  );
  const ranks = nonDominatedRanks(losses);
  const points = done.map(({ number, values }, index) => ({ number, values, rank: ranks[index]! }));
  const front = points
    .map((point, index) => ({ number: point.number, losses: losses[index]!, rank: point.rank }))
    .filter(({ rank }) => rank === 1)
    .sort((a, b) => compareLosses(a.losses, b.losses) || a.number - b.number)
    .map(({ number }) => number);
  return { points, front };
}
