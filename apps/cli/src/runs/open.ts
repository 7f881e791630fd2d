import { databaseFile, hasLostLog, openTracker, type Tracker, TrackerAccessError } from '@atelier/tracker';
import { existsSync } from 'node:fs';
import { atelierHome } from '../terminal/home.ts';
import { printable } from '../terminal/printable.ts';

/**
 * Opens the user's tracker. For writing where that is possible, because only then dead runs are found and an older
 * database is brought up to date; looking at runs makes no database where there is none.
 */
export function openUserTracker(): Tracker {
  const home = atelierHome();
  if (!existsSync(databaseFile(home))) return openTracker({ home, readonly: true });
  if (hasLostLog(home)) {
    const file = databaseFile(home);
    const log = 'what was recorded last stands in its write-ahead log, which is missing';
    process.stderr.write(`warning: ${log}: copy ${file}-wal together with ${file}\n`);
  }
  let tracker: Tracker;
  try {
    tracker = openTracker({ home });
  } catch (error) {
    if (!(error instanceof TrackerAccessError)) throw error;
    return openTracker({ home, readonly: true });
  }
  for (const { name, reason } of tracker.recovered) {
    process.stderr.write(`${printable(`run ${name} is now FAILED: ${reason}`)}\n`);
  }
  return tracker;
}
