import type { Tracker } from '@atelier/tracker';
import { NotFoundError } from '../../errors.ts';
import type { TrackerSource } from '../tracker-source.ts';

/** @throws NotFoundError while nothing was ever recorded. */
export function requireTracker(source: TrackerSource): Tracker {
  const tracker = source();
  if (tracker === undefined) throw new NotFoundError('RUN_UNKNOWN', 'no run was recorded yet');
  return tracker;
}
