import type { Tracker } from '@atelier/tracker';
import type { Pace } from './pace.ts';

/** What a format's writer is given. */
export interface ExportJob {
  readonly tracker: Tracker;
  /** Ascending. */
  readonly ids: readonly number[];
  /** Ids of sweeps, ascending; empty for a format of runs. */
  readonly sweeps: readonly number[];
  readonly pace: Pace;
  /** Where the export will stand when it is whole. */
  readonly path: string;
}

export interface ExportCounts {
  readonly points: number;
  /** What the format cannot hold, in words; empty where nothing was changed. */
  readonly notes: readonly string[];
}
