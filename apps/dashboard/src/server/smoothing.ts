import type { CurveView, Tracker } from '@atelier/tracker';

interface Smoothed {
  readonly total: number;
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** Points kept smoothed, over all curves: 16 bytes each. */
const MOST_POINTS = 6_000_000;

/**
 * Exponential moving mean, weighted so that it starts at the first value instead of being pulled to 0 (Adam's bias
 * correction). What is not finite is left out, and NaN in its place.
 */
export function movingMean(values: ArrayLike<number>, weight: number): Float64Array {
  const means = new Float64Array(values.length);
  let [mean, mass] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) {
      means[at] = NaN;
      continue;
    }
    mean = weight * mean + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    means[at] = mean / mass;
  }
  return means;
}

/** The first place whose step is at least `step`, in ascending steps. */
function placeOf(steps: Float64Array, step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Smooths whole curves and samples the result, so that a zoom shows the same line as the whole. */
export class Smoother {
  private readonly tracker: Tracker;
  private readonly kept = new Map<string, Smoothed>();
  private points = 0;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  private smoothed(run: number, key: string, weight: number, total: number): Smoothed {
    const name = `${run}/${weight}/${key}`;
    const known = this.kept.get(name);
    this.drop(name);
    const found = known?.total === total ? known : this.compute(run, key, weight);
    this.kept.set(name, found);
    this.points += found.total;
    for (const oldest of this.kept.keys()) {
      if (this.points <= MOST_POINTS || oldest === name) break;
      this.drop(oldest);
    }
    return found;
  }

  private drop(name: string): void {
    this.points -= this.kept.get(name)?.total ?? 0;
    this.kept.delete(name);
  }

  private compute(run: number, key: string, weight: number): Smoothed {
    const { steps, values } = this.tracker.curveValues(run, key) ?? {
      steps: new Float64Array(),
      values: new Float64Array(),
    };
    return { total: values.length, steps, values: movingMean(values, weight) };
  }

  /** The moving mean at the last point of each bucket; NaN where that is not finite. */
  at(run: number, view: CurveView, weight: number): Float64Array {
    const { values, steps } = this.smoothed(run, view.key, weight, view.total);
    const first = view.buckets[0];
    // buckets begin at multiples of the span, wherever the zoom begins
    let place = first === undefined ? 0 : placeOf(steps, first.stepMin);
    place -= place % view.span;
    return Float64Array.from(view.buckets, ({ count }) => {
      place += count;
      return values[place - 1] ?? NaN;
    });
  }
}
