import { createHash } from 'node:crypto';
import type { Run, Tracker } from '@atelier/tracker';
import { eachRun } from './run-selection.ts';

/** JSON with sorted keys; NaN and infinities by name. */
function canonical(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, canonical(item)]);
}

/**
 * What makes a run the run it is, wherever it is stored: 64 hex digits. Its id, tags, notes and the name of its
 * project may differ from place to place.
 */
export function identityOf(run: Run): string {
  const { name, status, createdAt, startedAt, endedAt, config, environment, metrics, error, datasetDigest } =
    run;
  const artifacts = run.artifacts.map(({ path, sha256 }) => [path, sha256]).sort();
  const ledgers = run.ledgers.map(({ split, checkpoint, count }) => [split, checkpoint, count]);
  const parts = [name, status, createdAt, startedAt, endedAt, config, environment, metrics, error];
  const content = canonical([...parts, datasetDigest, artifacts, ledgers]);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Finds runs that are there already: by the time they began, and then by a closer look. */
export class KnownRuns {
  private readonly tracker: Tracker;
  private readonly byStart = new Map<number, number[]>();

  constructor(tracker: Tracker) {
    this.tracker = tracker;
    for (const { id, createdAt } of eachRun(tracker)) this.add(id, createdAt);
  }

  add(id: number, createdAt: number): void {
    const ids = this.byStart.get(createdAt);
    if (ids === undefined) this.byStart.set(createdAt, [id]);
    else ids.push(id);
  }

  /** The id of a run that began then and `is` the one. */
  find(createdAt: number, is: (run: Run) => boolean): number | undefined {
    return this.byStart.get(createdAt)?.find((id) => is(this.tracker.getRun(id)));
  }
}
