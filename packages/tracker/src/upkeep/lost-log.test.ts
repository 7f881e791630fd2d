import BetterSqlite from 'better-sqlite3';
import { copyFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { databaseFile } from '../database.ts';
import { openTracker } from '../tracker.ts';
import { hasLostLog } from './lost-log.ts';

it('a database that was copied without its write-ahead log is told from others', () => {
  const [home, alone, whole] = [makeHome(), makeHome(), makeHome()];
  expect(hasLostLog(home)).toBe(false);
  {
    using tracker = openTracker({ home });
    using run = tracker.startRun(START);
    const raw = new BetterSqlite(databaseFile(home));
    raw.pragma('wal_checkpoint(TRUNCATE)');
    raw.close();
    run.setSummary({ 'test/accuracy': 0.9 });
    expect(hasLostLog(home)).toBe(false);
    copyFileSync(databaseFile(home), databaseFile(alone));
    for (const end of ['', '-wal'])
      copyFileSync(`${databaseFile(home)}${end}`, `${databaseFile(whole)}${end}`);
    expect(hasLostLog(alone)).toBe(true);
    expect(hasLostLog(whole)).toBe(false);
    run.finish();
  }
  expect(hasLostLog(home)).toBe(false);
});
