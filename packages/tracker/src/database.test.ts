import BetterSqlite from 'better-sqlite3';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { START } from '../test/home-data.ts';
import { makeHome } from '../test/home.ts';
import { databaseFile, openForWriting } from './database.ts';
import { openTracker } from './index.ts';
import { latestVersion } from './migrate.ts';

/** Permissions do not bind root: a privileged test run steps down for its length. */
function asOrdinaryUser(): void {
  if (process.getuid?.() !== 0) return;
  process.seteuid!(65_534);
  onTestFinished(() => process.seteuid!(0));
}

function makeRecordedHome(): string {
  const home = makeHome();
  using tracker = openTracker({ home });
  const run = tracker.startRun(START);
  run.log({ 'train/loss': 1 }, { step: 1 });
  run.finish();
  return home;
}

describe('a database that cannot be used', () => {
  it('opens a new home to its owner alone', () => {
    const home = join(makeHome(), 'new', 'home');
    openTracker({ home }).close();
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it('from a newer version is left alone', () => {
    const home = makeRecordedHome();
    const raw = new BetterSqlite(databaseFile(home));
    raw.pragma('user_version = 99');
    raw.close();
    for (const readonly of [false, true]) {
      expect(() => openTracker({ home, readonly })).toThrow(
        expect.objectContaining({
          code: 'TRACKER_TOO_NEW',
          usage: true,
          found: 99,
          supported: latestVersion(),
        }),
      );
      expect(() => openTracker({ home, readonly })).toThrow(
        /atelier\.db has database version 99.*Update this Atelier/s,
      );
    }
  });

  it('that is no SQLite file is named and left alone', () => {
    const home = makeHome();
    writeFileSync(
      databaseFile(home),
      'these are words, and more than a hundred of them are needed '.repeat(20),
    );
    const before = readFileSync(databaseFile(home));
    for (const readonly of [false, true]) {
      expect(() => openTracker({ home, readonly })).toThrow(
        expect.objectContaining({ code: 'TRACKER_NOT_A_DATABASE', file: databaseFile(home) }),
      );
    }
    expect(readFileSync(databaseFile(home))).toEqual(before);
  });

  it('that was cut short is called damaged', () => {
    const home = makeRecordedHome();
    truncateSync(databaseFile(home), 10_000);
    expect(() => openTracker({ home }).listRuns()).toThrow(/damaged|malformed/);
  });

  it('of another program is left alone', () => {
    const home = makeHome();
    const raw = new BetterSqlite(databaseFile(home));
    raw.exec('CREATE TABLE experiments (id INTEGER)');
    raw.close();
    for (const readonly of [false, true]) {
      expect(() => openTracker({ home, readonly })).toThrow(
        expect.objectContaining({ code: 'TRACKER_FOREIGN' }),
      );
    }
  });

  it('in a folder without write permission says so', () => {
    const home = makeHome();
    chmodSync(home, 0o555);
    asOrdinaryUser();
    expect(() => openTracker({ home: join(home, 'inner') })).toThrow(/read-only for this user/);
    expect(() => openTracker({ home })).toThrow(expect.objectContaining({ code: 'TRACKER_ACCESS' }));
  });

  it('under a path that is a file says so', () => {
    const home = makeHome();
    writeFileSync(join(home, 'file'), '');
    expect(() => openTracker({ home: join(home, 'file') })).toThrow(/the folder cannot be used/);
  });
});

describe('a reader', () => {
  it('starts in an empty home, creates nothing, and sees the first run when it comes', () => {
    const home = join(makeHome(), 'not yet');
    using reader = openTracker({ home, readonly: true });
    expect(reader.listRuns()).toEqual([]);
    expect(reader.dataset('d')).toBeUndefined();
    expect(existsSync(home)).toBe(false);
    const before = reader.changeCounter();
    using writer = openTracker({ home });
    writer.startRun(START).finish();
    expect(reader.changeCounter()).toBeGreaterThan(before);
    expect(reader.listRuns().length).toBe(1);
    expect(() => reader.startRun(START)).toThrow('open for reading only');
  });

  it('notices each change of another connection and nothing else', () => {
    const home = makeRecordedHome();
    using writer = openTracker({ home });
    using first = openTracker({ home, readonly: true });
    using second = openTracker({ home, readonly: true });
    const before = [first.changeCounter(), second.changeCounter(), writer.changeCounter()];
    expect([first.changeCounter(), second.changeCounter(), writer.changeCounter()]).toEqual(before);
    writer.startRun(START).finish();
    for (const [index, tracker] of [first, second, writer].entries()) {
      expect(tracker.changeCounter()).toBeGreaterThan(before[index]!);
    }
  });

  it('finds no tables where a writer has only just made the file', () => {
    const home = makeHome();
    writeFileSync(databaseFile(home), '');
    using reader = openTracker({ home, readonly: true });
    expect(reader.listRuns()).toEqual([]);
  });
});

describe('the database', () => {
  it('has the settings it promises', () => {
    const database = openForWriting(makeHome());
    onTestFinished(() => void database.close());
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(1);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(database.pragma('user_version', { simple: true })).toBe(latestVersion());
  });

  it('has strict tables only', () => {
    const database = openForWriting(makeHome());
    onTestFinished(() => void database.close());
    const tables = database.pragma('table_list') as { name: string; schema: string; strict: number }[];
    const loose = tables.filter(({ name, strict }) => !name.startsWith('sqlite_') && strict === 0);
    expect(loose).toEqual([]);
    expect(tables.length).toBeGreaterThan(10);
  });

  it('refuses in SQL to change anything of a finished run but its tags and notes', () => {
    const home = makeHome();
    const tracker = openTracker({ home });
    const run = tracker.startRun(START);
    run.log({ 'train/loss': 1 }, { step: 1 });
    run.setSummary({ 'test/loss': 1 });
    run.logArtifact('a', Uint8Array.of(1), 'text/plain');
    run.logPredictions({
      split: 'test',
      checkpoint: 'c',
      datasetDigest: 'd',
      classes: 1,
      probabilities: Float32Array.of(1),
    });
    run.finish();
    tracker.close();
    const raw = openForWriting(home);
    onTestFinished(() => void raw.close());
    for (const sql of [
      "UPDATE runs SET status = 'RUNNING'",
      "UPDATE runs SET config = '{}'",
      "UPDATE curve_chunks SET data = x'00'",
      'DELETE FROM curve_chunks',
      'INSERT INTO curve_chunks SELECT 9, run_id, key_id, 0, 99, 1, 1, 1, 1, data FROM curve_chunks',
      'UPDATE latest_metrics SET last = 0',
      'UPDATE summaries SET value = 0',
      "UPDATE parameters SET text = 'x'",
      "UPDATE predictions SET split = 'val'",
      'DELETE FROM artifacts',
    ]) {
      expect(() => raw.exec(sql), sql).toThrow('RUN_FINISHED');
    }
    raw.exec(`UPDATE runs SET tags = '["good"]', notes = 'kept'`);
    // a run may go as a whole
    raw.exec('DELETE FROM runs');
    expect(raw.prepare('SELECT count(*) FROM curve_chunks').pluck().get()).toBe(0);
  });

  it('lists runs and reads curves by index alone', () => {
    const database = openForWriting(makeHome());
    onTestFinished(() => void database.close());
    const plan = (sql: string) =>
      (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
        .map((row) => row.detail)
        .join('\n');
    expect(plan("SELECT id FROM runs WHERE project = 'p' AND id < 9 ORDER BY id DESC LIMIT 5")).not.toMatch(
      /SCAN|TEMP/,
    );
    expect(
      plan(
        'SELECT data FROM curve_chunks WHERE run_id = 1 AND key_id = 2 AND level = 0 AND number > 3 ORDER BY number',
      ),
    ).not.toMatch(/SCAN|TEMP/);
    expect(plan('SELECT * FROM latest_metrics WHERE run_id IN (1, 2)')).not.toMatch(/SCAN/);
  });
});

it('makes its folder', () => {
  const home = join(makeHome(), 'a', 'b');
  mkdirSync(join(home, '..'));
  openTracker({ home }).close();
  expect(existsSync(databaseFile(home))).toBe(true);
});
