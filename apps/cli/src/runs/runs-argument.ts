import type { Tracker } from '@atelier/tracker';

/** Ids of the runs a user means: ids, names, ranges of ids as `5-9`, separated by blanks or commas. */
export function runIds(tracker: Tracker, typed: readonly string[]): number[] {
  const ids = typed
    .flatMap((text) => text.split(','))
    .filter((text) => text !== '')
    .flatMap((text) => {
      const range = /^(\d+)-(\d+)$/.exec(text);
      if (range === null) return [tracker.findRunId(text)];
      const [from, to] = [Number(range[1]), Number(range[2])];
      return tracker
        .queryRuns({ filter: `id >= ${from} and id <= ${to}`, limit: 1000, metrics: [] })
        .runs.map((run) => run.id);
    });
  return [...new Set(ids)];
}
