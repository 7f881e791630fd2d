import { openSweeps, type Sweep, type SweepTrial, type Tracker } from '@atelier/tracker';

/** What the page reads of the tracker's sweeps. */
export interface SweepSource {
  list(): readonly Sweep[];
  /** @throws SweepUnknownError */
  get(id: number): Sweep;
  /** With reports. One sweep's trials are kept until the store changes: a page asks for them several times over. */
  trials(id: number): readonly SweepTrial[];
}

export function sweepSource(tracker: Tracker): SweepSource {
  const sweeps = openSweeps(tracker);
  let held: { id: number; counter: number; trials: readonly SweepTrial[] } | undefined;
  return {
    list: () => sweeps.list(),
    get: (id) => sweeps.get(id),
    trials(id) {
      const counter = tracker.changeCounter();
      if (held?.id !== id || held.counter !== counter) {
        held = { id, counter, trials: sweeps.trials(id, { reports: true }) };
      }
      return held.trials;
    },
  };
}

/** Of the last trials of a sweep: what the list shows costs reading them all. */
export function bestOnce<Best>(find: (sweep: Sweep) => Best): (sweep: Sweep) => Best {
  const found = new Map<number, { key: string; best: Best }>();
  return (sweep) => {
    // results only ever come with another completed trial
    const key = `${sweep.counts.COMPLETE} ${JSON.stringify(sweep.spec['objectives'])}`;
    const old = found.get(sweep.id);
    if (old?.key === key) return old.best;
    const best = find(sweep);
    found.set(sweep.id, { key, best });
    return best;
  };
}
