import type { QueryProcess, Tracker } from '@atelier/tracker';
import type { OrderQuery, RunOrder } from '../api/runs.ts';
import { sortTerms } from './run-table.ts';

/** Orders kept: each holds the ids of all runs of a filter. */
const MOST_KEPT = 8;
/** Filters may tell the time or ask which processes live, which no write announces: milliseconds an order holds. */
const HOLDS_MS = 500;

/** Finds the runs of a filter. @throws QueryError for a filter or sort that cannot be understood. */
export type AskOrder = (query: OrderQuery) => Promise<RunOrder>;

/**
 * Orders of the run table. All runs by their age are an index, which this thread reads; whatever else is asked may have to read
 * every note there is, and is asked beside it with a limit of time.
 */
export function runOrders(tracker: Tracker, queries: QueryProcess): AskOrder {
  return async ({ filter, sort, trash }) => {
    const query = { filter, sort: sortTerms(sort), trash };
    const isIndex = filter.trim() === '' && /^(-?created)?$/.test(sort);
    return { ids: isIndex ? tracker.runIds(query) : await queries.runIds(tracker.home, query) };
  };
}

interface Kept {
  readonly counter: number;
  readonly until: number;
  readonly order: Promise<RunOrder>;
}

/**
 * What several pages ask for at once is computed once: an order holds until anything is written, and for half a second at
 * most.
 * @param counter moves with every write
 * @param now the time in milliseconds, from any moment.
 */
export function keptOrders(
  counter: () => number,
  ask: AskOrder,
  now: () => number = () => performance.now(),
): AskOrder {
  const kept = new Map<string, Kept>();
  return (query) => {
    const key = JSON.stringify([query.filter, query.sort, query.trash]);
    // before the ids are read: what is written meanwhile lets go of them
    const written = counter();
    const known = kept.get(key);
    if (known?.counter === written && now() < known.until) return known.order;
    kept.delete(key);
    const order = ask(query);
    kept.set(key, { counter: written, until: now() + HOLDS_MS, order });
    order.catch(() => kept.delete(key));
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return order;
  };
}
