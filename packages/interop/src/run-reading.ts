import type { Curve, Run, StoredLedger, Tracker } from '@atelier/tracker';

/** The one place where exports read curves and ledgers: through the tracker's public functions, a curve at a time. */

/** Curves of a run by name, in the order of their names. */
export function* curvesOf(tracker: Tracker, run: Run): Generator<Curve> {
  for (const key of Object.keys(run.metrics).sort()) {
    const curve = tracker.curves(run.id, { keys: [key] }).curves[0];
    if (curve !== undefined && curve.points.length > 0) yield curve;
  }
}

/**
 * What the run's summary says beyond its curves: numbers without a curve, and numbers other than the last of
 * their curve. `lasts` holds the last value of each curve.
 */
export function summaryOf(run: Run, lasts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(run.metrics).filter(
      ([key, value]) => !lasts.has(key) || !Object.is(lasts.get(key), value),
    ),
  );
}

/** The ledgers of a run in the order they were stored. */
export function* ledgersOf(tracker: Tracker, run: Run): Generator<StoredLedger> {
  for (const { split, checkpoint } of run.ledgers) {
    const ledger = tracker.predictions(run.id, { split, checkpoint });
    if (ledger !== undefined) yield ledger;
  }
}
