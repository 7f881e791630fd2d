import type { TrackerWarning } from '../schema.ts';
import { reasonOf } from '../write-failure.ts';
import type { PendingPoints } from './pending-points.ts';
import type { SpillRecord } from './spill-file.ts';

/** What becomes of a run's points that neither the database nor memory can hold. */
export class Overflow {
  private readonly runName: string;
  private readonly points: PendingPoints;
  private readonly warn: (warning: TrackerWarning) => void;
  private dropped = 0;

  constructor(runName: string, points: PendingPoints, warn: (warning: TrackerWarning) => void) {
    this.runName = runName;
    this.points = points;
    this.warn = warn;
  }

  /** Keeps memory bounded while nothing can be stored. */
  bound(): void {
    try {
      const file = this.points.spillExcess();
      if (file === undefined) return;
      const message = `run ${this.runName}: what waits is kept in ${file} until it can be stored`;
      this.warn({ code: 'TRACKER_WRITE', message });
    } catch (cause) {
      const before = this.dropped;
      this.dropped += this.points.dropExcess();
      if (this.dropped === before) return;
      const message = `run ${this.runName}: ${this.dropped} points are lost: neither the database nor a file takes them (${reasonOf(cause)})`;
      this.warn({ code: 'TRACKER_WRITE', message, cause });
    }
  }

  /** The run is left for good, and the database does not take its last records because of `cause`. */
  leaveBehind(records: readonly SpillRecord[], cause: unknown): void {
    const reason = reasonOf(cause);
    try {
      this.points.spill(records);
      const message = `run ${this.runName}: ${reason}: its last records wait in ${this.points.spillFile} and are stored when the tracker is next opened`;
      this.warn({ code: 'TRACKER_WRITE', message, cause });
    } catch (second) {
      const message = `run ${this.runName}: ${this.points.waiting} points and its end are lost: ${reason}; ${reasonOf(second)}`;
      this.warn({ code: 'TRACKER_WRITE', message, cause: second });
    }
  }
}
