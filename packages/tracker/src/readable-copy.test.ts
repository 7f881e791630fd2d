import { chmodSync, copyFileSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeHome } from '../test/home.ts';
import { START } from '../test/home-data.ts';
import { databaseFile } from './database.ts';
import { openTracker } from './tracker.ts';

/** Of nobody, on Debian and most others: any user but root and ourselves does. */
const ANOTHER_USER = 65_534;

/** Runs `act` as somebody who may read the folder and write nothing in it. */
function asReader<Result>(folder: string, act: () => Result): Result {
  const root = process.geteuid?.() === 0;
  chmodSync(folder, 0o555);
  if (root) process.seteuid!(ANOTHER_USER);
  try {
    return act();
  } finally {
    if (root) process.seteuid!(0);
    chmodSync(folder, 0o755);
  }
}

/** Folders on the way to it can be passed by anybody. */
function reachable(folder: string): string {
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) chmodSync(at, 0o755);
  }
  return folder;
}

describe('a home that cannot be written', () => {
  it('is read, also what stands in its write-ahead log alone', () => {
    const [live, home] = [makeHome(), reachable(makeHome())];
    using tracker = openTracker({ home: live });
    using run = tracker.startRun({ ...START, name: 'kept' });
    run.finish();
    for (const end of ['', '-wal'])
      copyFileSync(`${databaseFile(live)}${end}`, `${databaseFile(home)}${end}`);
    expect(statSync(`${databaseFile(home)}-wal`).size).toBeGreaterThan(0);
    asReader(home, () => {
      using reader = openTracker({ home, readonly: true });
      expect(reader.listRuns()).toMatchObject([{ name: 'kept', status: 'FINISHED' }]);
      expect(() => reader.startRun(START)).toThrow('its folder cannot be written');
      expect(() => openTracker({ home })).toThrow('cannot be opened');
    });
    expect(existsSync(`${databaseFile(home)}-shm`)).toBe(false);
  });
});
