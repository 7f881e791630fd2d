import type { CurveView, Run, Tracker } from '@atelier/tracker';
import type { CurveColumns, CurveRun, CurveViews, CurveViewsQuery } from '../api/curves.ts';
import { ODD } from '../api/odd.ts';
import { Smoother } from './smoothing.ts';

/** A mean over fewer points says what none of them says: a validation curve of five epochs stays as it is. */
const LEAST_SMOOTHED = 50;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function oddOf({ hasNaN, hasInfinity, hasNegativeInfinity }: CurveView['buckets'][number]): number {
  return (
    (hasNaN ? ODD.nan : 0) +
    (hasInfinity ? ODD.infinity : 0) +
    (hasNegativeInfinity ? ODD.negativeInfinity : 0)
  );
}

function columnsOf(
  run: number,
  { key, total, span, buckets }: CurveView,
  smooth?: Float64Array,
): CurveColumns {
  const odd = buckets.map(oddOf);
  return {
    run,
    key,
    total,
    span,
    from: buckets.map(({ stepMin }) => stepMin),
    to: buckets.map(({ stepMax }) => stepMax),
    ...(span > 1 && {
      min: buckets.map(({ min }) => finite(min)),
      max: buckets.map(({ max }) => finite(max)),
    }),
    last: buckets.map(({ last }) => finite(last)),
    time: buckets.map(({ wallTime }) => wallTime),
    ...(odd.some((bits) => bits > 0) && { odd }),
    ...(smooth && { smooth: Array.from(smooth, finite) }),
  };
}

/** Of an ended run this never changes; of a running one only the steps of an epoch become known. */
type Facts = Pick<Run, 'startedAt' | 'status' | 'parameters'>;

/** Draws curves of one tracker. */
export class CurveSource {
  private readonly tracker: Tracker;
  private readonly smoother: Smoother;
  private readonly ended = new Map<number, CurveRun>();

  constructor(tracker: Tracker) {
    this.tracker = tracker;
    this.smoother = new Smoother(tracker);
  }

  /** Undefined where there is no such run. */
  private runOf(id: number, present: ReadonlySet<number>): CurveRun | undefined {
    if (!present.has(id)) return undefined;
    const known = this.ended.get(id);
    if (known !== undefined) return known;
    const run: Facts = this.tracker.getRun(id);
    const last = this.tracker.curve(id, 'val/loss', { pixels: 1 })?.buckets.at(-1);
    const batchSize = run.parameters['batchSize'];
    const found: CurveRun = {
      id,
      startedAt: run.startedAt,
      // validation falls on the end of an epoch
      stepsPerEpoch: last?.epoch ? last.stepMax / last.epoch : null,
      batchSize: typeof batchSize === 'number' ? batchSize : null,
    };
    if (run.status !== 'RUNNING') this.ended.set(id, found);
    return found;
  }

  /** These curves of these runs, those that are there. */
  views({ runs: ids, keys, from, to, pixels, smooth }: CurveViewsQuery): CurveViews {
    const present = new Set(this.tracker.runRows(ids, { metrics: [] }).map(({ id }) => id));
    const runs = ids.flatMap((id) => this.runOf(id, present) ?? []);
    const curves = runs.flatMap(({ id }) =>
      keys.flatMap((key) => {
        const view = this.tracker.curve(id, key, { from, to, pixels });
        if (view === undefined) return [];
        const mean =
          smooth > 0 && view.total >= LEAST_SMOOTHED ? this.smoother.at(id, view, smooth) : undefined;
        return columnsOf(id, view, mean);
      }),
    );
    return { runs, missing: ids.filter((id) => !present.has(id)), curves };
  }
}
