import type { RandomStream } from '@atelier/data';
import { uniform53 } from './draw.ts';
import type { KernelSettings, Observations } from './kernel-widths.ts';
import { type Kernels, addLogKernels, kernelsOf, merged, sampleKernel } from './kernels.ts';

// against the prior's term: 10,000 kernels that small stay below a double's last place
const NEGLIGIBLE = 46;

/**
 * A Parzen estimator: one kernel per observation (a product over the axes) and the prior as the last. Kernels are normal, cut at the
 * ends of the range; on stepped axes the mass of a value's interval counts; a choice's kernel gives its value 1 and every value
 * priorWeight / kernels, normalised.
 */
export class ParzenEstimator {
  readonly #axes: readonly Kernels[];
  readonly #weights: Float64Array;
  #cumulative: Float64Array | undefined;
  /** Log weight of each kernel less its norms. */
  readonly #base: Float64Array;
  readonly #terms: Float64Array;
  /** The axis where it is the only one and continuous. */
  readonly #single: Kernels | undefined;
  /** The axis by whose centres the kernels are sorted, and how far from a centre a kernel still counts on it. */
  readonly #lead: { readonly axis: number; readonly reach: number } | undefined;

  /** @param weights of the observations, unnormalised. */
  constructor(observations: readonly Observations[], weights: Float64Array, settings: KernelSettings) {
    const n = weights.length;
    const lead = observations.findIndex(({ axis }) => !axis.stepped);
    const ready = lead < 0 ? { observations, weights } : sortedBy(observations, weights, lead);
    const all = new Float64Array(n + 1);
    all.set(ready.weights);
    // without observations the prior is all there is
    all[n] = n === 0 ? 1 : settings.priorWeight;
    const axes = ready.observations.map((o) => kernelsOf(o, observations.length, settings));
    const single = axes.length === 1 ? merged(axes[0]!, all) : undefined;
    this.#axes = single === undefined ? axes : [single.kernels];
    const each = single?.weights ?? all;
    this.#weights = each;
    this.#base = logWeights(each, this.#axes);
    this.#lead = lead < 0 ? undefined : { axis: lead, reach: reachOf(this.#axes, lead) };
    this.#single = axes.length === 1 && lead === 0 ? axes[0] : undefined;
    this.#terms = new Float64Array(this.#single === undefined ? each.length : 0);
  }

  /** A point: model numbers, one per axis, of values that the parameters have. */
  sample(stream: RandomStream): number[] {
    this.#cumulative ??= runningSums(this.#weights);
    const last = this.#cumulative.length - 1;
    const j = firstAbove(this.#cumulative, uniform53(stream) * this.#cumulative[last]!, last);
    return this.#axes.map((kernels) => sampleKernel(kernels, j, stream));
  }

  /** `logDensity` on one continuous axis: the same operations in the same order, in one pass. */
  #logDensityAlong({ centre, width }: Kernels, x: number): number {
    const base = this.#base;
    const prior = base.length - 1;
    const { reach } = this.#lead!;
    const from = firstAbove(centre, x - reach, prior);
    const to = firstAbove(centre, x + reach, prior);
    const away = (x - centre[prior]!) / width[prior]!;
    const scale = base[prior]! - 0.5 * away * away;
    let sum = 1;
    for (let j = from; j < to; j++) {
      const z = (x - centre[j]!) / width[j]!;
      const above = base[j]! - 0.5 * z * z - scale;
      if (above > -NEGLIGIBLE) sum += Math.exp(above);
    }
    return scale + Math.log(sum);
  }

  /** Log density (log mass on stepped and choice axes) at a point of model numbers within the ranges. */
  logDensity(point: readonly number[]): number {
    if (this.#single !== undefined) return this.#logDensityAlong(this.#single, point[0]!);
    const terms = this.#terms;
    const prior = terms.length - 1;
    let [from, to] = [0, prior];
    if (this.#lead !== undefined) {
      const { axis, reach } = this.#lead;
      const { centre } = this.#axes[axis]!;
      from = firstAbove(centre, point[axis]! - reach, prior);
      to = firstAbove(centre, point[axis]! + reach, prior);
    }
    for (let j = from; j < to; j++) terms[j] = this.#base[j]!;
    terms[prior] = this.#base[prior]!;
    this.#axes.forEach((kernels, k) => {
      addLogKernels(kernels, point[k]!, terms, from, to);
      addLogKernels(kernels, point[k]!, terms, prior, prior + 1);
    });
    return logSumExp(terms, from, to);
  }
}

/** 0, 1, 2, ... */
function identity(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

function runningSums(weights: Float64Array): Float64Array {
  const sums = weights.slice();
  for (let j = 1; j < sums.length; j++) sums[j]! += sums[j - 1]!;
  return sums;
}

/** The observations in the order of one axis. */
function sortedBy(
  observations: readonly Observations[],
  weights: Float64Array,
  lead: number,
): { observations: readonly Observations[]; weights: Float64Array } {
  const order = observations[lead]!.sorted;
  const arranged = (column: Float64Array): Float64Array => {
    const out = new Float64Array(column.length);
    for (let i = 0; i < out.length; i++) out[i] = column[order[i]!]!;
    return out;
  };
  const sorted = identity(order.length);
  if (observations.length === 1) {
    const { axis, values } = observations[0]!;
    return { weights: arranged(weights), observations: [{ axis, values: arranged(values), sorted }] };
  }
  const place = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) place[order[i]!] = i;
  const placed = (rows: Int32Array): Int32Array => {
    const out = new Int32Array(rows.length);
    for (let i = 0; i < out.length; i++) out[i] = place[rows[i]!]!;
    return out;
  };
  return {
    weights: arranged(weights),
    observations: observations.map((one, k) => ({
      axis: one.axis,
      values: arranged(one.values),
      sorted: k === lead ? sorted : placed(one.sorted),
    })),
  };
}

function logWeights(weights: Float64Array, axes: readonly Kernels[]): Float64Array {
  let total = 0;
  for (let j = 0; j < weights.length; j++) total += weights[j]!;
  const base = new Float64Array(weights.length);
  for (let j = 0; j < base.length; j++) base[j] = Math.log(weights[j]! / total);
  for (const { logNorm } of axes) for (let j = 0; j < base.length; j++) base[j]! -= logNorm[j]!;
  return base;
}

/**
 * Distance on the lead axis beyond which a kernel's term is negligible against the prior's, wherever it lies on the other axes: there
 * it may exceed the prior's by as much as its range exceeds its width.
 */
function reachOf(axes: readonly Kernels[], lead: number): number {
  let exponent = NEGLIGIBLE + 1;
  for (const { axis, width } of axes) {
    if (axis.stepped) exponent += axis.choices > 0 ? -Math.log(width[0]!) : 0;
    else exponent += Math.log((axis.high - axis.low) / leastOf(width)) + 1;
    if (axis.choices === 0 && axis.stepped) exponent += Math.log(Math.max(1, axis.domain.count)) + 1;
  }
  const { width } = axes[lead]!;
  let widest = 0;
  for (let j = 0; j < width.length - 1; j++) if (width[j]! > widest) widest = width[j]!;
  return widest * Math.sqrt(2 * exponent);
}

function leastOf(values: Float64Array): number {
  let least = Infinity;
  for (let j = 0; j < values.length; j++) if (values[j]! < least) least = values[j]!;
  return least;
}

/** Log of the sum of exponentials of terms `from .. to - 1` and the last, the prior's, which is never far below the largest. */
function logSumExp(terms: Float64Array, from: number, to: number): number {
  const scale = terms[terms.length - 1]!;
  let sum = 1;
  for (let j = from; j < to; j++) {
    const above = terms[j]! - scale;
    if (above > -NEGLIGIBLE) sum += Math.exp(above);
  }
  return scale + Math.log(sum);
}

/** The first of the ascending `values[0 .. count - 1]` above `target`; `count` where none is. */
function firstAbove(values: Float64Array, target: number, count: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
