import { closeSync, openSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** How long a reader that looked is taken to be looking still. */
const ATTENTION_MS = 5000;
/** Readers say so this often at most. */
const REPEAT_MS = 1000;

/** Storing a few points costs as much as storing hundreds: those that come one after another are stored together. */
const REST_MS = 1000;
/** The same while somebody looks on. */
const WATCHED_REST_MS = 250;
const LOOK_AROUND_MS = 500;

const attentionFile = (home: string): string => join(home, 'watched');

/**
 * How readers of a home tell the processes that record there that somebody looks on, so that new points are stored at
 * once. Nothing hangs on it but how soon: where the file `watched` cannot be written, points are seen a little later.
 */
export class Attention {
  private readonly file: string;
  private saidAt = -Infinity;

  constructor(home: string) {
    this.file = attentionFile(home);
  }

  pay(now = Date.now()): void {
    if (now - this.saidAt < REPEAT_MS) return;
    this.saidAt = now;
    try {
      closeSync(openSync(this.file, 'a'));
      utimesSync(this.file, now / 1000, now / 1000);
    } catch {
      // a home that cannot be written to
    }
  }
}

/** Whether a reader said within the last seconds that it looks on. */
export function isWatched(home: string, now = Date.now()): boolean {
  try {
    const seen = statSync(attentionFile(home), { throwIfNoEntry: false });
    return seen !== undefined && now - seen.mtimeMs < ATTENTION_MS;
  } catch {
    return false;
  }
}

/** How long a process that records lets points gather between two times of storing them. */
export class Rest {
  private readonly home: string;
  private restMs = WATCHED_REST_MS;
  private lastLookAround = 0;

  constructor(home: string) {
    this.home = home;
  }

  /** Milliseconds; looks for readers now and then. */
  at(now: number): number {
    if (now - this.lastLookAround >= LOOK_AROUND_MS) {
      this.lastLookAround = now;
      this.restMs = isWatched(this.home, now) ? WATCHED_REST_MS : REST_MS;
    }
    return this.restMs;
  }
}
