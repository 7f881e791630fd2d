import type { Trial } from '../trial.ts';
import { fronts } from './domination.ts';
import type { Row } from './history-table.ts';
import { hypervolumeSubset } from './hypervolume.ts';

/** Row numbers, ascending: the good trials, and all others that the model learns from. */
export interface Split {
  readonly below: readonly number[];
  readonly above: readonly number[];
}

/** How many of n finished trials are good: a tenth, for one objective at most 25 (Optuna's gamma). */
export function goodCount(finished: number, objectives: number): number {
  const tenth = Math.ceil(0.1 * finished);
  return objectives > 1 ? tenth : Math.min(tenth, 25);
}

/**
 * Splits the rows that `counts` lets through: complete ones by their loss, or by front and hypervolume with several objectives; where
 * those do not fill the good side, pruned ones by how far they came and their last report. Pending ones are never good.
 */
export function splitRows(
  rows: readonly Row[],
  counts: (row: Row) => boolean,
  objectives: number,
  minimize: boolean,
): Split {
  const complete: number[] = [];
  const pruned: number[] = [];
  const pending: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!counts(row)) continue;
    if (row.standing === 'complete') complete.push(i);
    else if (row.standing === 'pruned') pruned.push(i);
    else if (row.standing === 'pending') pending.push(i);
  }
  const wanted = goodCount(complete.length + pruned.length, objectives);
  const good = new Set(
    objectives > 1 ? bestFronts(rows, complete, wanted) : lowest(complete, wanted, (i) => rows[i]!.losses),
  );
  for (const i of lowest(pruned, wanted - good.size, (i) => prunedScore(rows[i]!.trial, minimize)))
    good.add(i);
  const above = complete.filter((i) => !good.has(i));
  for (const i of pruned) if (!good.has(i)) above.push(i);
  above.push(...pending);
  // already in order where all are complete
  if (pruned.length + pending.length > 0) above.sort((a, b) => a - b);
  return { below: [...good].sort((a, b) => a - b), above };
}

/** The trial that came furthest first, then the best last report. */
function prunedScore(trial: Trial, minimize: boolean): number[] {
  const last = trial.reports.reduce<Trial['reports'][number] | undefined>(
    (latest, report) => (latest === undefined || report.step > latest.step ? report : latest),
    undefined,
  );
  if (last === undefined) return [1, 0];
  if (Number.isNaN(last.value)) return [-last.step, Infinity];
  return [-last.step, minimize ? last.value : -last.value];
}

function lowest(
  indices: readonly number[],
  count: number,
  scoreOf: (i: number) => readonly number[],
): number[] {
  if (count <= 0) return [];
  if (count >= indices.length) return [...indices];
  // few are wanted of many: keep a short sorted list
  const best: { readonly i: number; readonly score: readonly number[] }[] = [];
  for (const i of indices) {
    const score = scoreOf(i);
    const full = best.length === count;
    if (full && !before(score, best[count - 1]!.score)) continue;
    let at = best.length;
    while (at > 0 && before(score, best[at - 1]!.score)) at--;
    best.splice(at, 0, { i, score });
    if (full) best.pop();
  }
  return best.map(({ i }) => i);
}

function before(x: readonly number[], y: readonly number[]): boolean {
  for (let k = 0; k < x.length; k++) if (x[k] !== y[k]) return x[k]! < y[k]!;
  return false;
}

function bestFronts(rows: readonly Row[], complete: readonly number[], wanted: number): number[] {
  const points = complete.map((i) => rows[i]!.losses);
  const good: number[] = [];
  for (const front of fronts(points, wanted)) {
    const room = wanted - good.length;
    good.push(...(front.length <= room ? front : pick(points, front, room)));
  }
  return good.map((i) => complete[i]!);
}

/** `room` of a front's points; equal points only after all different ones. */
function pick(points: readonly (readonly number[])[], front: readonly number[], room: number): number[] {
  const same = (i: number, at: number): boolean =>
    at > 0 && points[i]!.every((x, k) => x === points[front[at - 1]!]![k]);
  const different = front.filter((i, at) => !same(i, at));
  if (different.length <= room) {
    return [...different, ...front.filter((i, at) => same(i, at)).slice(0, room - different.length)];
  }
  return hypervolumeSubset(
    different.map((i) => points[i]!),
    room,
  ).map((k) => different[k]!);
}
