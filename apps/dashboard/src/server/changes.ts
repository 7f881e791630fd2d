import type { RunSummary, Tracker } from '@atelier/tracker';
import type { Change } from '../api/schema.ts';

type Listener = (change: Change) => void;

/** Tells listeners which runs changed. */
export interface ChangeWatch {
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

const POLL_MS = 50;

/** What the tracker's counter says, how many runs there were and each run as it was when it last moved. */
interface Seen {
  counter: number | undefined;
  count: number;
  readonly runs: Map<number, string>;
}

/** Ids of the runs that differ from what was seen; running ones always count, their curves may have grown. */
function changedRuns(summaries: readonly RunSummary[], seen: Map<number, string>): number[] {
  const present = new Set(summaries.map((run) => run.id));
  const changed = [...seen.keys()].filter((id) => !present.has(id));
  for (const id of changed) seen.delete(id);
  for (const run of summaries) {
    const print = JSON.stringify(run);
    if (run.status === 'RUNNING' || seen.get(run.id) !== print) changed.push(run.id);
    seen.set(run.id, print);
  }
  return changed;
}

/** Enough to see what changes by itself: the newest runs, and all that run. What the page changes it knows. */
function watched(tracker: Tracker): RunSummary[] {
  const runs = [...tracker.listRuns({ limit: 100 }), ...tracker.listRuns({ status: 'RUNNING', limit: 1000 })];
  return [...new Map(runs.map((run) => [run.id, run])).values()];
}

function poll(tracker: Tracker, seen: Seen): Change | undefined {
  const counter = tracker.changeCounter();
  if (counter === seen.counter) return undefined;
  seen.counter = counter;
  const count = tracker.countRuns();
  const purged = count < seen.count;
  seen.count = count;
  return { runs: changedRuns(watched(tracker), seen.runs), purged };
}

/** One poll for all pages together, and none while nobody looks. */
export function watchChanges(tracker: Tracker): ChangeWatch {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let seen: Seen;
  const tick = (): void => {
    try {
      tracker.attend();
      const change = poll(tracker, seen);
      if (change !== undefined) for (const listener of listeners) listener(change);
    } catch {
      // an unreadable database is reported by the requests that read it; the next tick tries again
    }
  };
  const start = (): void => {
    seen = { counter: undefined, count: 0, runs: new Map() };
    tick();
    timer = setInterval(tick, POLL_MS);
    timer.unref();
  };
  return {
    subscribe(listener) {
      if (listeners.size === 0) start();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
}
