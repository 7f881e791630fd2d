import { type Losses, fronts } from './domination.ts';

/** The volume between a point and the reference, zero where it is not below it. */
function box(point: Losses, reference: Losses): number {
  return point.reduce((product, x, k) => product * Math.max(0, reference[k]! - x), 1);
}

/**
 * Volume that `points` dominate below `reference`, by the exclusive volumes of the points one after another
 * (While, Bradstreet and Barone, "A fast way of calculating exact hypervolumes", 2012).
 */
export function hypervolume(points: readonly Losses[], reference: Losses): number {
  if (reference.length === 2) return area(points, reference);
  const best = fronts(points, 1)[0]?.map((i) => points[i]!) ?? [];
  return best.reduce((sum, point, i) => sum + exclusive(point, best.slice(i + 1), reference), 0);
}

/** The volume for two losses, in one walk along the first. */
function area(points: readonly Losses[], reference: Losses): number {
  let [sum, low] = [0, reference[1]!];
  for (const [x, y] of points.toSorted((a, b) => a[0]! - b[0]!) as [number, number][]) {
    if (y >= low || x >= reference[0]!) continue;
    sum += (reference[0]! - x) * (low - y);
    low = y;
  }
  return sum;
}

/** What `point` dominates below `reference` and none of `others` does. */
function exclusive(point: Losses, others: readonly Losses[], reference: Losses): number {
  const whole = box(point, reference);
  if (others.length === 0 || whole === 0) return whole;
  return (
    whole -
    hypervolume(
      others.map((other) => other.map((x, k) => Math.max(x, point[k]!))),
      reference,
    )
  );
}

/** The reference beyond a set of losses that Optuna and MOTPE use: 1.1 (or, below zero, 0.9) of the worst of each. */
export function referencePoint(points: readonly Losses[]): number[] {
  return points[0]!.map((_, k) => {
    const worst = Math.max(...points.map((point) => point[k]!));
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
}

/**
 * Picks `count` of the points for a large hypervolume, greedily: each time the one that adds most (at least 1 - 1/e of the best
 * subset's; Guerreiro, Fonseca and Paquete 2016). Gains only shrink as points are chosen, so an old gain is an upper bound and most
 * are never computed again. Indices in the order of choice.
 */
export function hypervolumeSubset(
  points: readonly Losses[],
  count: number,
  reference: Losses = referencePoint(points),
): number[] {
  if (!reference.every(Number.isFinite)) return points.slice(0, count).map((_, i) => i);
  if (reference.length === 2) return areaSubset(points, count, reference);
  const gains = points.map((point) => box(point, reference));
  const exactFor = new Array<number>(points.length).fill(0);
  const left = new Set(points.keys());
  const chosen: number[] = [];
  while (chosen.length < count && left.size > 0) {
    const taken = chosen.map((i) => points[i]!);
    for (;;) {
      const top = highest(left, gains);
      if (exactFor[top] === chosen.length) {
        left.delete(top);
        chosen.push(top);
        break;
      }
      gains[top] = exclusive(points[top]!, taken, reference);
      exactFor[top] = chosen.length;
    }
  }
  return chosen;
}

/** The same for two losses, where a point's gain is the rectangle up to its chosen neighbours. Points of one front. */
function areaSubset(points: readonly Losses[], count: number, reference: Losses): number[] {
  const order = points.map((_, i) => i).sort((a, b) => points[a]![0]! - points[b]![0]!);
  const xs = Float64Array.from(order, (i) => points[i]![0]!);
  const ys = Float64Array.from(order, (i) => points[i]![1]!);
  const right = new Float64Array(order.length).fill(reference[0]!);
  const top = new Float64Array(order.length).fill(reference[1]!);
  // infinite losses may give 0 times Infinity
  const gains = xs.map((x, at) => (right[at]! - x) * (top[at]! - ys[at]!) || 0);
  const chosen: number[] = [];
  const shrink = (at: number): void => {
    if (gains[at]! >= 0) gains[at] = (right[at]! - xs[at]!) * (top[at]! - ys[at]!) || 0;
  };
  while (chosen.length < Math.min(count, order.length)) {
    let best = -1;
    for (let at = 0; at < gains.length; at++) if (gains[at]! >= 0 && !(gains[at]! <= gains[best]!)) best = at;
    chosen.push(order[best]!);
    gains[best] = -1;
    // beyond the nearest chosen point nothing changes
    for (let at = best - 1; at >= 0 && right[at]! > xs[best]!; at--) {
      right[at] = xs[best]!;
      shrink(at);
    }
    for (let at = best + 1; at < gains.length && top[at]! > ys[best]!; at++) {
      top[at] = ys[best]!;
      shrink(at);
    }
  }
  return chosen;
}

function highest(left: ReadonlySet<number>, gains: readonly number[]): number {
  let top = -1;
  for (const i of left) if (top < 0 || gains[i]! > gains[top]!) top = i;
  return top;
}
