import BetterSqlite from 'better-sqlite3';
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { BUSY_TIMEOUT_MS, databaseFile } from '../database.ts';
import { openTracker, type TrackerWarning } from '../index.ts';
import { appendSpill, readSpill, spillFile, type SpillRecord } from './spill-file.ts';
import { ROW } from './points.ts';

/** Holds the database's write lock until told otherwise. */
function lock(home: string): () => void {
  const other = new BetterSqlite(databaseFile(home));
  other.exec('BEGIN IMMEDIATE');
  const release = (): void => {
    if (other.open) other.close();
  };
  onTestFinished(release);
  return release;
}

function makePoints(firstSeq: number, values: number[]): SpillRecord {
  const rows = new Float64Array(values.length * ROW);
  values.forEach((value, at) => rows.set([0, firstSeq + at, NaN, 1000, value], at * ROW));
  return { kind: 'points', names: ['a'], batch: { runId: 1, firstSeq, length: values.length, rows } };
}

describe('a spill file', () => {
  it('gives back what was put in, numbers without JSON too', () => {
    const home = makeHome();
    const records: SpillRecord[] = [
      makePoints(1, [0.5, NaN, -Infinity]),
      {
        kind: 'summary',
        values: [
          ['x', NaN],
          ['y', Infinity],
          ['z', -0.5],
        ],
      },
      { kind: 'end', status: 'FAILED', error: { code: 'X', message: 'line\nbreak' }, endedAt: 5 },
    ];
    appendSpill(home, 1, records.slice(0, 1));
    appendSpill(home, 1, records.slice(1));
    expect(readSpill(home, 1)).toEqual({ records, damaged: false });
    expect(readSpill(home, 2)).toEqual({ records: [], damaged: false });
  });

  it('cut or changed anywhere gives its whole records and says so', () => {
    const home = makeHome();
    appendSpill(home, 1, [makePoints(1, [1, 2]), makePoints(3, [3]), makePoints(4, [4])]);
    const whole = readFileSync(spillFile(home, 1));
    const found = readSpill(home, 1).records;
    for (let length = whole.length - 1; length > 0; length -= 7) {
      truncateSync(spillFile(home, 1), length);
      const { records } = readSpill(home, 1);
      expect(records.length).toBeLessThan(3);
      expect(records).toEqual(found.slice(0, records.length));
    }
    const changed = Buffer.from(whole);
    changed[whole.length - 3]! ^= 1;
    writeFileSync(spillFile(home, 1), changed);
    expect(readSpill(home, 1)).toMatchObject({ records: [{}, {}], damaged: true });
    writeFileSync(spillFile(home, 1), whole);
    appendFileSync(spillFile(home, 1), 'half a record');
    expect(readSpill(home, 1)).toMatchObject({ records: [{}, {}, {}], damaged: true });
  });
});

describe('a locked database', () => {
  it('holds up neither logging nor the training thread, and gets everything once it is free', async () => {
    const home = makeHome();
    const warnings: TrackerWarning[] = [];
    using tracker = openTracker({ home, onWarning: (warning) => warnings.push(warning) });
    const run = tracker.startRun(START);
    const release = lock(home);
    let longest = 0;
    const until = Date.now() + 2500;
    let step = 0;
    while (Date.now() < until) {
      const before = performance.now();
      for (const end = step + 100; step < end; step++) run.log({ a: Math.sin(step) }, { step });
      await setTimeout(5);
      longest = Math.max(longest, performance.now() - before);
    }
    // nothing here had the patience that other writers have with a lock
    expect(longest).toBeLessThan(BUSY_TIMEOUT_MS / 2);
    release();
    expect(run.flush()).toBe(true);
    run.finish();
    const { points } = tracker.curves(run.id).curves[0]!;
    expect(points.map((point) => point.value)).toEqual(Array.from({ length: step }, (_, at) => Math.sin(at)));
  });

  it('for good: the end of the run waits in a file and is stored at the next opening', () => {
    const home = makeHome();
    const warnings: TrackerWarning[] = [];
    let id: number;
    let release: () => void;
    {
      using tracker = openTracker({ home, onWarning: (warning) => warnings.push(warning) });
      using run = tracker.startRun(START);
      id = run.id;
      run.log({ a: 1 }, { step: 1 });
      run.flush();
      release = lock(home);
      run.log({ a: NaN }, { step: 2 });
      run.setSummary({ 'test/accuracy': 0.5 });
    }
    expect(warnings.at(-1)!.message).toContain(spillFile(home, id));
    expect(existsSync(spillFile(home, id))).toBe(true);
    release();
    using later = openTracker({ home, onWarning: () => {} });
    expect(later.getRun(id)).toMatchObject({
      status: 'FAILED',
      error: { code: 'UNFINISHED' },
      metrics: { a: NaN, 'test/accuracy': 0.5 },
    });
    expect(later.curves(id).curves[0]!.points.map(({ value }) => value)).toEqual([1, NaN]);
    expect(existsSync(spillFile(home, id))).toBe(false);
  });
});

it('what a dead process spilled is stored when the tracker is opened, once', () => {
  const home = makeHome();
  {
    using tracker = openTracker({ home });
    const run = tracker.startRun(START);
    run.log({ a: 10 }, { step: 1 });
    run.flush();
    // as if its process had died here
    const raw = new BetterSqlite(databaseFile(home));
    raw.exec("UPDATE owners SET pid = 999999999, process_start = '1'");
    raw.close();
    // the first batch was stored already
    appendSpill(home, run.id, [
      makePoints(1, [10]),
      makePoints(2, [20, NaN]),
      { kind: 'summary', values: [['test/accuracy', 0.5]] },
    ]);
    const warnings: TrackerWarning[] = [];
    using second = openTracker({ home, onWarning: (warning) => warnings.push(warning) });
    expect(second.recovered).toMatchObject([{ id: run.id }]);
    expect(warnings[0]!.message).toContain('3 points of its spill file are stored now');
    const found = second.getRun(run.id);
    expect(found).toMatchObject({ status: 'FAILED', metrics: { a: NaN, 'test/accuracy': 0.5 } });
    expect(second.curves(run.id).curves[0]!.points.map(({ value }) => value)).toEqual([10, 20, NaN]);
    expect(existsSync(spillFile(home, run.id))).toBe(false);
    expect(() => run.finish()).toThrow('ended by another process');
  }
});

it('a reader sees a dead run as FAILED before anyone has written it down', async () => {
  const home = makeHome();
  using tracker = openTracker({ home });
  const run = tracker.startRun(START);
  using reader = openTracker({ home, readonly: true });
  expect(reader.getRun(run.id).status).toBe('RUNNING');
  const raw = new BetterSqlite(databaseFile(home));
  raw.exec("UPDATE owners SET pid = 999999999, process_start = '1'");
  raw.close();
  await setTimeout(1100);
  expect(reader.getRun(run.id)).toMatchObject({ status: 'FAILED', error: { code: 'PROCESS_DIED' } });
  expect(reader.listRuns({ status: 'FAILED' }).length).toBe(1);
  expect(reader.listRuns({ status: 'RUNNING' })).toEqual([]);
  expect(reader.queryRuns({ filter: 'status = FAILED' }).runs.length).toBe(1);
  expect(reader.queryRuns({ filter: 'status = RUNNING', sort: [{ by: 'id' }] }).runs).toEqual([]);
});
