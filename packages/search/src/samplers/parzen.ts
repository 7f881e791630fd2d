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
  readonly #cumulative: Float64Array;
  /** Log weight of each kernel less its norms. */
  readonly #base: Float64Array;
  readonly #terms: Float64Array;

  /** @param weights of the observations, unnormalised. */
  constructor(observations: readonly Observations[], weights: Float64Array, settings: KernelSettings) {
    const n = weights.length;
    const all = new Float64Array(n + 1);
    all.set(weights);
    // without observations the prior is all there is
    all[n] = n === 0 ? 1 : settings.priorWeight;
    const axes = observations.map((o) => kernelsOf(o, observations.length, settings));
    const single = axes.length === 1 ? merged(axes[0]!, all) : undefined;
    this.#axes = single === undefined ? axes : [single.kernels];
    const each = single?.weights ?? all;
    this.#cumulative = each.slice();
    for (let j = 1; j < each.length; j++) this.#cumulative[j]! += this.#cumulative[j - 1]!;
    const total = this.#cumulative.at(-1)!;
    this.#base = each.map((w) => Math.log(w / total));
    for (const { logNorm } of this.#axes) for (let j = 0; j < each.length; j++) this.#base[j]! -= logNorm[j]!;
    this.#terms = new Float64Array(each.length);
  }

  /** A point: model numbers, one per axis, of values that the parameters have. */
  sample(stream: RandomStream): number[] {
    const j = firstAbove(this.#cumulative, uniform53(stream) * this.#cumulative.at(-1)!);
    return this.#axes.map((kernels) => sampleKernel(kernels, j, stream));
  }

  /** Log density (log mass on stepped and choice axes) at a point of model numbers within the ranges. */
  logDensity(point: readonly number[]): number {
    this.#terms.set(this.#base);
    this.#axes.forEach((kernels, k) => addLogKernels(kernels, point[k]!, this.#terms));
    return logSumExp(this.#terms);
  }
}

/** Log of the sum of exponentials. The last term, the prior's, is never far below the largest, and so sets the scale. */
function logSumExp(terms: Float64Array): number {
  const scale = terms[terms.length - 1]!;
  let sum = 0;
  for (let j = 0; j < terms.length; j++) {
    const above = terms[j]! - scale;
    if (above > -NEGLIGIBLE) sum += Math.exp(above);
  }
  return scale + Math.log(sum);
}

function firstAbove(cumulative: Float64Array, target: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
