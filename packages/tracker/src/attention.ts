import { closeSync, openSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** How long a reader that looked is taken to be looking still. */
const ATTENTION_MS = 5000;
/** Readers say so this often at most. */
const REPEAT_MS = 1000;

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
