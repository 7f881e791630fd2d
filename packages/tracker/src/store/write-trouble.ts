import type { TrackerWarning } from '../schema.ts';
import { isBusy, isDiskFull, reasonOf } from '../write-failure.ts';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;

/** How storing goes: counts failures in a row, says when to try again, and warns without flooding. */
export class WriteTrouble {
  /** Failures since something was last stored. */
  failures = 0;
  private readonly runName: string;
  private readonly warn: (warning: TrackerWarning) => void;
  private warned = false;

  constructor(runName: string, warn: (warning: TrackerWarning) => void) {
    this.runName = runName;
    this.warn = warn;
  }

  /** Milliseconds to leave the database alone after the last attempt. */
  get backoffMs(): number {
    return this.failures === 0 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** this.failures, LONGEST_BACKOFF_MS);
  }

  /** @param waiting what is kept in memory, in words. */
  failed(what: string, cause: unknown, waiting: string): void {
    this.failures++;
    const advice = isDiskFull(cause) ? '; free some space and they are stored' : '';
    // the first failure of a row of them is news (a lock only where it lasts), and then one of every ten
    if (this.failures % 10 !== (isBusy(cause) ? 3 : 1)) return;
    this.warned = true;
    const message = `run ${this.runName}: ${what} not stored (${reasonOf(cause)}): ${waiting}${advice}`;
    this.warn({ code: 'TRACKER_WRITE', message, cause });
  }

  succeeded(): void {
    if (this.failures === 0) return;
    this.failures = 0;
    if (!this.warned) return;
    this.warned = false;
    const message = `run ${this.runName}: everything that waited is stored now`;
    this.warn({ code: 'TRACKER_RECOVERED_WRITE', message });
  }
}
