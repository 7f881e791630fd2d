import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';

/** The tracker, or undefined while nothing was recorded yet. */
export type TrackerSource = () => Tracker | undefined;

/** Opens the tracker of a home read-only, as soon as there is one. */
export function trackerOf(home: string): { source: TrackerSource; close(): void } {
  let tracker: Tracker | undefined;
  return {
    source() {
      if (tracker === undefined && existsSync(join(home, 'atelier.db'))) {
        tracker = openTracker({ home, readonly: true });
      }
      return tracker;
    },
    close: () => tracker?.close(),
  };
}
