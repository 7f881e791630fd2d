import type { Tracker } from '@atelier/tracker';
import type { OrderQuery, RunOrder } from '../api/runs.ts';
import { runOrder } from './run-table.ts';

/** Orders kept: each holds the ids of all runs of a filter. */
const MOST_KEPT = 8;
/** Filters may tell the time or ask which processes live, which no write announces: milliseconds an order holds. */
const HOLDS_MS = 500;

interface Kept {
  readonly counter: number;
  readonly until: number;
  readonly order: RunOrder;
}

/**
 * Orders of the run table. What several pages ask for at once is computed once: an order holds until anything is written,
 * and for half a second at most.
 * @param now the time in milliseconds, from any moment.
 */
export function keptOrders(
  tracker: Pick<Tracker, 'runIds' | 'changeCounter'>,
  now: () => number = () => performance.now(),
): (query: OrderQuery) => RunOrder {
  const kept = new Map<string, Kept>();
  return (query) => {
    const key = JSON.stringify([query.filter, query.sort, query.trash]);
    // before the ids are read: what is written meanwhile lets go of them
    const counter = tracker.changeCounter();
    const known = kept.get(key);
    if (known?.counter === counter && now() < known.until) return known.order;
    kept.delete(key);
    const order = runOrder(tracker, query);
    kept.set(key, { counter, until: now() + HOLDS_MS, order });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return order;
  };
}
