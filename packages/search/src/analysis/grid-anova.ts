import type { Feature } from './forest.ts';

/** What a full grid says without a model: shares of the variance of its cells' means. */
export interface GridAnova {
  /** Share that each feature explains alone; they sum to 1 less what features explain together. */
  readonly alone: readonly number[];
  readonly hasVariance: boolean;
}

/** Means of the cells, in mixed radix of the features' levels; undefined where cells are missing or of unequal size. */
function cellMeans(target: Float64Array, places: readonly Int32Array[], sizes: readonly number[]) {
  const cells = sizes.reduce((product, size) => product * size, 1);
  if (cells < 2 || target.length % cells !== 0) return undefined;
  const sums = new Float64Array(cells);
  const counts = new Uint32Array(cells);
  target.forEach((value, trial) => {
    const cell = places.reduce((at, place, feature) => at * sizes[feature]! + place[trial]!, 0);
    // from the first value on: what is equal has no variance
    sums[cell]! += value - target[0]!;
    counts[cell]! += 1;
  });
  const each = target.length / cells;
  return counts.every((count) => count === each) ? sums.map((sum) => sum / each) : undefined;
}

function meanSquare(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/**
 * Exact decomposition of variance where trials are a full grid, every combination equally often: no forest, no chance.
 * The balanced analysis of variance (Fisher 1925), with repeated trials of a cell averaged.
 * @returns undefined where they are no full grid.
 */
export function gridAnova(features: readonly Feature[], target: Float64Array): GridAnova | undefined {
  const levels = features.map(({ values }) => [...new Set(values)].sort((a, b) => a - b));
  const sizes = levels.map(({ length }) => length);
  const places = features.map(({ values }, feature) =>
    Int32Array.from(values, (value) => levels[feature]!.indexOf(value)),
  );
  const means = cellMeans(target, places, sizes);
  if (means === undefined) return undefined;
  const whole = meanSquare(means);
  const most = target.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  // what the rounding of that many additions alone makes
  const rounding = (target.length * Number.EPSILON * most) ** 2;
  if (whole <= rounding) return { alone: features.map(() => 0), hasVariance: false };
  const alone = sizes.map((size, feature) => {
    const after = sizes.slice(feature + 1).reduce((product, of) => product * of, 1);
    const marginal = new Float64Array(size);
    means.forEach(
      (mean, cell) => (marginal[Math.floor(cell / after) % size]! += (mean * size) / means.length),
    );
    const part = meanSquare(marginal);
    return part <= rounding ? 0 : part / whole;
  });
  return { alone, hasVariance: true };
}
