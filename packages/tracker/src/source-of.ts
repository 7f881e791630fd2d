import type { Source } from './reader.ts';
import type { Tracker } from './tracker.ts';

const sources = new WeakMap<Tracker, Source>();

/** Lets other parts of this package reach a tracker's database, without making it part of what a tracker is. */
export function withSource(tracker: Tracker, source: Source): Tracker {
  sources.set(tracker, source);
  return tracker;
}

/** @throws TypeError for a tracker that `openTracker` did not make. */
export function sourceOf(tracker: Tracker): Source {
  const source = sources.get(tracker);
  if (source === undefined) throw new TypeError('this tracker was not opened by openTracker()');
  return source;
}
