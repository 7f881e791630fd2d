/** A vector of losses: less is better in each. */
export type Losses = readonly number[];

function dominates(a: Losses, b: Losses): boolean {
  let better = false;
  for (let k = 0; k < a.length; k++) {
    if (a[k]! > b[k]!) return false;
    if (a[k]! < b[k]!) better = true;
  }
  return better;
}

function lexicographic(points: readonly Losses[]): (a: number, b: number) => number {
  return (a, b) => {
    for (let k = 0; k < points[a]!.length; k++) {
      const [x, y] = [points[a]![k]!, points[b]![k]!];
      if (x !== y) return x < y ? -1 : 1;
    }
    return a - b;
  };
}

/**
 * Fronts of points that no other (of those left) dominates, best first, until they hold at least `wanted` points. Equal points are in
 * one front. Indices in lexicographic order of the losses.
 */
export function fronts(points: readonly Losses[], wanted: number): number[][] {
  let left = points.map((_, i) => i).sort(lexicographic(points));
  const found: number[][] = [];
  for (let held = 0; held < wanted && left.length > 0; held += found.at(-1)!.length) {
    const front: number[] = [];
    const behind: number[] = [];
    // only earlier points in lexicographic order can dominate
    for (const i of left) (dominated(points, front, i) ? behind : front).push(i);
    found.push(front);
    left = behind;
  }
  return found;
}

function dominated(points: readonly Losses[], front: readonly number[], i: number): boolean {
  // the latest of the front is the likeliest to dominate; with two objectives it is the only one that can
  if (points[i]!.length === 2) return front.length > 0 && dominates(points[front.at(-1)!]!, points[i]!);
  for (let j = front.length - 1; j >= 0; j--) if (dominates(points[front[j]!]!, points[i]!)) return true;
  return false;
}
