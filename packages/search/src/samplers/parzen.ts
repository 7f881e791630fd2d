import type { RandomStream } from '@atelier/data';
import type { Axis } from './axis.ts';
import { uniform53 } from './draw.ts';
import { gaussian, normalMass } from './normal.ts';

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

const LOG_SQRT_2PI = 0.9189385332046728;
// exp(-45) of the largest term is below a double's last place, even 10,000 times
const NEGLIGIBLE = 45;

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
 */
export function kernelWidths(
  { axis, values, sorted }: Observations,
  axes: number,
  { bandwidth, endpoints, magicClip }: KernelSettings,
): Float64Array {
  const n = values.length;
  const range = axis.high - axis.low;
  const widths = new Float64Array(n);
  const least = magicClip ? range / Math.min(100, n + 2) : 1e-12;
  const scott = 0.2 * Math.max(n, 1) ** (-1 / (axes + 4)) * range;
  for (let i = 0; i < n; i++) {
    const at = values[sorted[i]!]!;
    const below = at - (i === 0 ? axis.low : values[sorted[i - 1]!]!);
    const above = (i === n - 1 ? axis.high : values[sorted[i + 1]!]!) - at;
    const open = !endpoints && n >= 2;
    const near = open && i === 0 ? above : open && i === n - 1 ? below : Math.max(below, above);
    widths[sorted[i]!] = Math.min(range, Math.max(least, bandwidth === 'scott' ? scott : near));
  }
  return widths;
}

/** One axis of the mixture: kernel j at centre[j], as wide as width[j]; or row j of a table of choice probabilities. */
interface Factor {
  readonly axis: Axis;
  readonly centre: Float64Array;
  readonly width: Float64Array;
  /** Log of what a kernel's density is divided by: width, sqrt(2 pi) (for a density) and the mass within the range. */
  readonly logNorm: Float64Array;
}

/**
 * A Parzen estimator: one kernel per observation (a product over the axes) and the prior as the last. Kernels are normal, cut at the
 * ends of the range; on stepped axes the mass of a value's interval counts; a choice's kernel gives its value 1 and each value
 * priorWeight / kernels, normalised.
 */
export class ParzenEstimator {
  readonly #factors: readonly Factor[];
  readonly #cumulative: Float64Array;
  /** Log weight of each kernel less the norms of its numeric factors. */
  readonly #base: Float64Array;
  readonly #kernels: number;

  /** @param weights of the observations, unnormalised. */
  constructor(observations: readonly Observations[], weights: Float64Array, settings: KernelSettings) {
    const n = weights.length;
    this.#kernels = n + 1;
    const all = new Float64Array(n + 1);
    all.set(weights);
    // without observations the prior is all there is
    all[n] = n === 0 ? 1 : settings.priorWeight;
    const total = all.reduce((sum, w) => sum + w, 0);
    this.#cumulative = all.slice();
    for (let j = 1; j <= n; j++) this.#cumulative[j]! += this.#cumulative[j - 1]!;
    this.#factors = observations.map((o) =>
      o.axis.choices > 0
        ? choiceFactor(o, settings.priorWeight)
        : numberFactor(o, observations.length, settings),
    );
    this.#base = all.map((w) => Math.log(w / total));
    for (const { logNorm } of this.#factors) for (let j = 0; j <= n; j++) this.#base[j]! -= logNorm[j]!;
  }

  /** A point: model numbers, one per axis, snapped to the values that the parameters have. */
  sample(stream: RandomStream): number[] {
    const j = this.#kernel(uniform53(stream) * this.#cumulative.at(-1)!);
    return this.#factors.map((factor) => sampleFactor(factor, j, this.#kernels, stream));
  }

  /** Log density (log mass on stepped and choice axes) at a point of model numbers. */
  logDensity(point: readonly number[]): number {
    const terms = this.#base.slice();
    this.#factors.forEach((factor, k) => addLogKernels(factor, point[k]!, terms));
    return logSumExp(terms);
  }

  #kernel(target: number): number {
    let [low, high] = [0, this.#kernels - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function logSumExp(terms: Float64Array): number {
  let most = -Infinity;
  for (let j = 0; j < terms.length; j++) if (terms[j]! > most) most = terms[j]!;
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (let j = 0; j < terms.length; j++) {
    const below = terms[j]! - most;
    if (below > -NEGLIGIBLE) sum += Math.exp(below);
  }
  return most + Math.log(sum);
}

function numberFactor(observations: Observations, axes: number, settings: KernelSettings): Factor {
  const { axis, values } = observations;
  const n = values.length;
  const centre = new Float64Array(n + 1);
  const width = new Float64Array(n + 1);
  const logNorm = new Float64Array(n + 1);
  centre.set(values);
  width.set(kernelWidths(observations, axes, settings));
  centre[n] = (axis.low + axis.high) / 2;
  width[n] = axis.high - axis.low;
  for (let j = 0; j <= n; j++) {
    const mass = normalMass((axis.low - centre[j]!) / width[j]!, (axis.high - centre[j]!) / width[j]!);
    logNorm[j] = Math.log(axis.stepped ? mass : mass * width[j]!) + (axis.stepped ? 0 : LOG_SQRT_2PI);
  }
  return { axis, centre, width, logNorm };
}

function choiceFactor({ axis, values }: Observations, priorWeight: number): Factor {
  const n = values.length;
  const centre = new Float64Array(n + 1);
  centre.set(values);
  centre[n] = -1;
  // of a kernel: what every choice gets; its own gets 1 more; then divided by the sum
  const share = n === 0 ? 1 : priorWeight / (n + 1);
  const logNorm = new Float64Array(n + 1).fill(Math.log(1 + share * axis.choices));
  logNorm[n] = Math.log(share * axis.choices);
  return { axis, centre, width: new Float64Array(n + 1).fill(share), logNorm };
}

function sampleFactor(
  { axis, centre, width }: Factor,
  j: number,
  kernels: number,
  stream: RandomStream,
): number {
  const uniform = (): number => uniform53(stream);
  if (axis.choices > 0) {
    const own = j === kernels - 1 ? 0 : 1;
    // the kernel is a mixture: its own choice with weight 1, any choice with the weight of all shares
    if (uniform() * (own + width[j]! * axis.choices) < own) return centre[j]!;
    return Math.floor(uniform() * axis.choices);
  }
  // at least a third of a kernel lies in the range: its centre does, and it is no wider than the range
  for (;;) {
    const x = centre[j]! + width[j]! * gaussian(uniform);
    if (x >= axis.low && x <= axis.high) return axis.toModel(axis.toValue(x));
  }
}

/** Adds each kernel's log density at `x`, but for its norm, to `terms`. */
function addLogKernels({ axis, centre, width }: Factor, x: number, terms: Float64Array): void {
  if (axis.choices > 0) {
    const share = width[0]!;
    const [own, other] = [Math.log(1 + share), Math.log(share)];
    for (let j = 0; j < terms.length; j++) terms[j]! += centre[j] === x ? own : other;
  } else if (axis.stepped) {
    addLogMasses(axis.cell(x), centre, width, terms);
  } else {
    for (let j = 0; j < terms.length; j++) {
      const z = (x - centre[j]!) / width[j]!;
      terms[j]! -= 0.5 * z * z;
    }
  }
}

function addLogMasses(
  [left, right]: readonly [number, number],
  centre: Float64Array,
  width: Float64Array,
  terms: Float64Array,
): void {
  // observations on a grid repeat: each pair of centre and width once
  const seen = new Map<number, Map<number, number>>();
  for (let j = 0; j < terms.length; j++) {
    let byWidth = seen.get(centre[j]!);
    if (byWidth === undefined) seen.set(centre[j]!, (byWidth = new Map<number, number>()));
    let term = byWidth.get(width[j]!);
    if (term === undefined) {
      term = Math.log(normalMass((left - centre[j]!) / width[j]!, (right - centre[j]!) / width[j]!));
      byWidth.set(width[j]!, term);
    }
    terms[j]! += term;
  }
}
