import { checkLevel, type Interval } from './interval.ts';
import { normalCdf, normalQuantile } from './normal.ts';

/** numpy's default quantile (linear between order statistics) of values already sorted. */
export function sortedQuantile(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const from = sorted[below]!;
  const to = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return from + (to - from) * (place - below);
}

/** The middle `level` of the replicates. Efron (1979). @param sorted replicates, ascending, at least one. */
export function percentileInterval(sorted: Float64Array, level: number): Interval {
  checkLevel(level);
  const tail = (1 - level) / 2;
  return { low: sortedQuantile(sorted, tail), high: sortedQuantile(sorted, 1 - tail) };
}

/** Share of sorted replicates below the estimate, ties counted half. */
function shareBelow(sorted: Float64Array, estimate: number): number {
  let below = 0;
  let ties = 0;
  for (const value of sorted) {
    if (value < estimate) below++;
    else if (value === estimate) ties++;
    else break;
  }
  return (below + ties / 2) / sorted.length;
}

/** The "acceleration" of BCa from the values that a statistic takes without each sample in turn. */
export class Jackknife {
  private readonly values: number[] = [];
  private readonly weights: number[] = [];

  /** `count` samples (default 1) without any one of which the statistic is `value`. */
  add(value: number, count = 1): void {
    this.values.push(value);
    this.weights.push(count);
  }

  /** Efron (1987), equation 6.6; 0 where nothing varies, or the only sample there is was left out (a score of NaN). */
  acceleration(): number {
    if (this.values.every((value) => value === this.values[0])) return 0;
    const total = this.weights.reduce((sum, weight) => sum + weight, 0);
    const mean = this.values.reduce((sum, value, i) => sum + value * this.weights[i]!, 0) / total;
    let [squares, cubes] = [0, 0];
    this.values.forEach((value, i) => {
      const off = mean - value;
      squares += this.weights[i]! * off * off;
      cubes += this.weights[i]! * off * off * off;
    });
    return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
  }
}

/**
 * Bias-corrected and accelerated interval (BCa): Efron, "Better bootstrap confidence intervals", JASA 82:171 (1987);
 * ties of replicates and estimate count half, as in SciPy. Where all replicates lie on one side of the estimate, the
 * percentile interval, since the correction is infinite there.
 * @param sorted replicates, ascending. @param acceleration of {@link Jackknife}.
 */
export function bcaInterval(
  sorted: Float64Array,
  estimate: number,
  acceleration: number,
  level: number,
): Interval {
  checkLevel(level);
  const bias = normalQuantile(shareBelow(sorted, estimate));
  if (!Number.isFinite(bias)) return percentileInterval(sorted, level);
  const quantileAt = (tail: number): number => {
    const shifted = bias + normalQuantile(tail);
    return sortedQuantile(sorted, normalCdf(bias + shifted / (1 - acceleration * shifted)));
  };
  const tail = (1 - level) / 2;
  return { low: quantileAt(tail), high: quantileAt(1 - tail) };
}
