import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

describe('a home that cannot be written', () => {
  const before = process.env['TMPDIR'];
  let copies: string;

  beforeEach(() => {
    const scratch = makeHome();
    for (let at = scratch; at !== dirname(before ?? '/tmp') && at !== '/'; at = dirname(at))
      if (at !== '/tmp') chmodSync(at, 0o755);
    copies = mkdtempSync(join(scratch, 'copies-'));
    chmodSync(copies, 0o777);
    process.env['TMPDIR'] = copies;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });

  it('is read, also what stands in its write-ahead log alone', () => {
    const [live, home] = [makeHome(), makeHome()];
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
    expect(readdirSync(copies).filter((name) => name.startsWith('atelier-reader-'))).toHaveLength(1);
  });
});
