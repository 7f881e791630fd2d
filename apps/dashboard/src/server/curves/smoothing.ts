import type { Tracker } from '@atelier/tracker';

/** Points kept over all curves: 16 bytes each. */
const MOST_POINTS = 2_000_000;

interface Smoothed {
  /** The store's counter of changes when it was last read: as long as it stands, nothing was added. */
  counter: number;
  seq: number;
  count: number;
  steps: Float64Array;
  values: Float64Array;
  mean: number;
  mass: number;
}

function begun(): Smoothed {
  const empty = new Float64Array(0);
  return { counter: -1, seq: 0, count: 0, steps: empty, values: empty, mean: 0, mass: 0 };
}

function grown(column: Float64Array, count: number): Float64Array {
  if (count <= column.length) return column;
  const larger = new Float64Array(Math.max(count, 2 * column.length));
  larger.set(column);
  return larger;
}

/**
 * Exponential means over every point of a curve, weighted so that they start at the first value (Adam's bias
 * correction). Kept, and only continued when points were added. Values that are not finite are passed over.
 */
export class Smoothing {
  private readonly kept = new Map<string, Smoothed>();
  private readonly tracker: Tracker;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  /**
   * The mean at the last point of each step asked for (ascending).
   * @param counter the store's counter of changes, read before
   */
  at(run: number, key: string, weight: number, steps: readonly number[], counter: number): (number | null)[] {
    const { count, steps: all, values } = this.read(run, key, weight, counter);
    let at = 0;
    return steps.map((step) => {
      // galloping from the last place: steps ascend, and most of them lie close
      let stride = 1;
      while (at + stride < count && all[at + stride]! <= step) {
        at += stride;
        stride *= 2;
      }
      for (; stride >= 1; stride = Math.floor(stride / 2)) {
        if (at + stride < count && all[at + stride]! <= step) at += stride;
      }
      const value = values[at];
      return value === undefined || Number.isNaN(value) || count === 0 ? null : value;
    });
  }

  private read(run: number, key: string, weight: number, counter: number): Smoothed {
    const name = `${run} ${weight} ${key}`;
    const held = this.kept.get(name) ?? begun();
    if (held.counter === counter) {
      this.keep(name, held);
      return held;
    }
    const { seq, curves } = this.tracker.curves(run, { keys: [key], afterSeq: held.seq });
    const points = curves[0]?.points ?? [];
    held.steps = grown(held.steps, held.count + points.length);
    held.values = grown(held.values, held.count + points.length);
    for (const { step, value } of points) {
      if (Number.isFinite(value)) {
        held.mean = weight * held.mean + (1 - weight) * value;
        held.mass = weight * held.mass + (1 - weight);
      }
      held.steps[held.count] = step;
      held.values[held.count++] = held.mass === 0 ? NaN : held.mean / held.mass;
    }
    held.seq = seq;
    held.counter = counter;
    this.keep(name, held);
    return held;
  }

  private keep(name: string, smoothed: Smoothed): void {
    this.kept.delete(name);
    this.kept.set(name, smoothed);
    let points = 0;
    for (const { steps } of this.kept.values()) points += steps.length;
    for (const [oldest, { steps }] of this.kept) {
      if (points <= MOST_POINTS || oldest === name) break;
      this.kept.delete(oldest);
      points -= steps.length;
    }
  }
}
