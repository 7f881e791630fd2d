import type { Axis } from './axis.ts';

export interface KernelSettings {
  readonly bandwidth: 'neighbours' | 'scott';
  readonly endpoints: boolean;
  readonly magicClip: boolean;
  readonly priorWeight: number;
}

/** One axis of the observations: in trial order, and the positions sorted by value. */
export interface Observations {
  readonly axis: Axis;
  readonly values: Float64Array;
  readonly sorted: Int32Array;
}

/**
 * Weights of n observations by age: the newest 25 count 1, older ones fall linearly to 1/n for the oldest
 * (Bergstra, Yamins and Cox 2013).
 */
export function ageWeights(n: number): Float64Array {
  const weights = new Float64Array(n).fill(1);
  const ramp = n - 25;
  for (let i = 0; i < ramp; i++) weights[i] = ramp === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (ramp - 1);
  return weights;
}

/**
 * Kernel widths of observations on a numeric axis: the larger of the distances to the neighbours on both sides (with `endpoints` the
 * ends of the range are neighbours of the outermost), or Scott's rule; then the magic clip.
 * @param widths where they are written, if it is to be somewhere particular.
 */
export function kernelWidths(
  { axis, values, sorted }: Observations,
  axes: number,
  { bandwidth, endpoints, magicClip }: KernelSettings,
  widths = new Float64Array(values.length),
): Float64Array {
  const n = values.length;
  const range = axis.high - axis.low;
  const least = magicClip ? range / Math.min(100, n + 2) : 1e-12;
  const scott = 0.2 * Math.max(n, 1) ** (-1 / (axes + 4)) * range;
  const open = !endpoints && n >= 2;
  let before = axis.low;
  let at = n === 0 ? 0 : values[sorted[0]!]!;
  for (let i = 0; i < n; i++) {
    const after = i === n - 1 ? axis.high : values[sorted[i + 1]!]!;
    const below = at - before;
    const above = after - at;
    let width = scott;
    if (bandwidth !== 'scott') {
      if (open && i === 0) width = above;
      else if (open && i === n - 1) width = below;
      else width = below > above ? below : above;
    }
    if (width < least) width = least;
    widths[sorted[i]!] = width > range ? range : width;
    before = at;
    at = after;
  }
  return widths;
}
