import BetterSqlite from 'better-sqlite3';
import { existsSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { artifactFile } from '../artifact-store.ts';
import { databaseFile } from '../database.ts';
import { openTracker, RunStateError, RunUnknownError, TrackerInputError, type Tracker } from '../index.ts';

function record(tracker: Tracker, content: string): number {
  const run = tracker.startRun(START);
  for (let step = 0; step < 6000; step++)
    run.log({ 'train/loss': Math.sin(step), [`only/${content}`]: 1 }, { step });
  run.logArtifact('shared', Buffer.from('shared'), 'text/plain');
  run.logArtifact('own', Buffer.from(content), 'text/plain');
  run.logDataset({
    digest: `data-${content}`,
    name: 'pets',
    classNames: ['cat', 'dog'],
    image: { height: 1, width: 1, channels: 1 },
    splits: { test: { labels: Uint8Array.of(0), indices: Uint32Array.of(0) } },
  });
  run.logPredictions({
    split: 'test',
    checkpoint: 'c',
    datasetDigest: `data-${content}`,
    classes: 2,
    probabilities: Float32Array.of(1, 0),
  });
  run.finish();
  return run.id;
}

const files = (home: string): number =>
  readdirSync(join(home, 'artifacts'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;

describe('the trash', () => {
  it('hides runs from lists, gives them back, and loses nothing', () => {
    using tracker = openTracker({ home: makeHome() });
    const [a, b] = [record(tracker, 'a'), record(tracker, 'b')];
    const before = tracker.getRun(a);
    tracker.trash([a]);
    expect(tracker.listRuns().map((run) => run.id)).toEqual([b]);
    expect(tracker.queryRuns().runs.map((run) => run.id)).toEqual([b]);
    expect(tracker.queryRuns({ trash: true }).runs.map((run) => run.id)).toEqual([a]);
    expect(tracker.getRun(a).deletedAt).toBeTypeOf('number');
    tracker.restore([a]);
    expect(tracker.getRun(a)).toEqual(before);
    expect(tracker.curves(a).curves[0]!.points.length).toBe(6000);
  });

  it('takes neither running nor unknown runs, and none of several where one is wrong', () => {
    using tracker = openTracker({ home: makeHome() });
    const a = record(tracker, 'a');
    using running = tracker.startRun(START);
    expect(() => tracker.trash([a, running.id])).toThrow(RunStateError);
    expect(() => tracker.trash([a, running.id])).toThrow('is RUNNING: end it before');
    expect(() => tracker.trash([a, 99])).toThrow(RunUnknownError);
    expect(() => tracker.restore([a])).toThrow('is not in the trash');
    expect(tracker.listRuns().length).toBe(2);
  });

  it('is emptied for good: rows, files and datasets that nothing else needs, and nothing else', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    const [a, b] = [record(tracker, 'a'), record(tracker, 'b')];
    writeFileSync(join(home, 'artifacts', 'stray.partial'), 'half');
    tracker.trash([a]);
    expect(files(home)).toBe(4);
    const dry = tracker.purge({ dryRun: true });
    expect(dry).toMatchObject({
      runs: [{ id: a }],
      datasets: ['data-a'],
      artifacts: { files: 2, bytes: 5 },
      reclaimed: 0,
    });
    expect(tracker.queryRuns({ trash: true }).runs.length).toBe(1);
    expect(tracker.purge({ olderThanMs: 60_000 })).toMatchObject({ runs: [] });
    writeFileSync(join(home, 'artifacts', 'stray.partial'), 'half');
    const done = tracker.purge();
    expect(done).toMatchObject({ runs: [{ id: a }], datasets: ['data-a'] });
    expect(done.reclaimed).toBeGreaterThan(10_000);
    expect(files(home)).toBe(2);
    expect(() => tracker.getRun(a)).toThrow(RunUnknownError);
    expect(Buffer.from(tracker.readArtifact(b, 'shared')).toString()).toBe('shared');
    expect(tracker.dataset('data-b')).toBeDefined();
    expect(tracker.examine().filter(({ state }) => state !== 'ok')).toEqual([]);
    const raw = new BetterSqlite(databaseFile(home), { readonly: true });
    expect(raw.prepare('SELECT name FROM metric_keys ORDER BY name').pluck().all()).toEqual([
      'only/b',
      'train/loss',
    ]);
    raw.close();
    // numbers of removed runs are not given again
    expect(record(tracker, 'c')).toBe(b + 1);
  });

  it('keeps what something else still refers to, and says so', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    const a = record(tracker, 'a');
    const raw = new BetterSqlite(databaseFile(home));
    raw.exec('CREATE TABLE versions (run_id INTEGER NOT NULL REFERENCES runs(id)) STRICT');
    raw.prepare('INSERT INTO versions VALUES (?)').run(a);
    raw.close();
    tracker.trash([a]);
    expect(tracker.purge()).toMatchObject({ runs: [], kept: [{ id: a }] });
    expect(tracker.curves(a).curves.length).toBe(2);
  });
});

describe('the doctor', () => {
  const states = (tracker: Tracker) =>
    Object.fromEntries(tracker.examine().map(({ check, state }) => [check, state]));

  it('finds everything sound in a sound home', () => {
    using tracker = openTracker({ home: makeHome() });
    record(tracker, 'a');
    expect(new Set(Object.values(states(tracker)))).toEqual(new Set(['ok']));
  });

  it.each([
    ['guards of ended runs', 'DROP TRIGGER runs_read_only'],
    ['guards of ended runs', 'DROP TRIGGER registry_events_append_only_update'],
    ['guards of ended runs', 'CREATE TRIGGER mine AFTER INSERT ON runs BEGIN SELECT 1; END'],
    ['settings', `DROP TRIGGER runs_read_only; UPDATE runs SET config = json_set(config, '$.batchSize', 7)`],
  ])('finds in the %s: %s', (check, change) => {
    const home = makeHome();
    using tracker = openTracker({ home });
    record(tracker, 'a');
    const raw = new BetterSqlite(databaseFile(home));
    raw.exec(change);
    raw.close();
    expect(states(tracker)).toMatchObject({ [check]: 'bad' });
  });

  it('finds cells of a matrix that are not those of the predictions', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    const run = tracker.startRun({ ...START, name: 'judged' });
    const splits = { test: { labels: Uint8Array.of(0, 1), indices: Uint32Array.of(0, 1) } };
    const image = { height: 1, width: 1, channels: 1 };
    run.logDataset({ digest: 'd', name: 'd', classNames: ['a', 'b'], image, splits });
    const probabilities = Float32Array.of(1, 0, 1, 0);
    run.logPredictions({ split: 'test', checkpoint: 'c', datasetDigest: 'd', classes: 2, probabilities });
    run.finish();
    expect(states(tracker)['confusion matrices']).toBe('ok');
    const raw = new BetterSqlite(databaseFile(home));
    raw.exec('UPDATE matrix_cells SET predicted = 1 WHERE truth = 1');
    raw.close();
    expect(states(tracker)['confusion matrices']).toBe('bad');
  });

  it('finds what is wrong and says what to do', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    const a = record(tracker, 'a');
    rmSync(artifactFile(home, tracker.getRun(a).artifacts[0]!.sha256));
    mkdirSync(join(home, 'artifacts', 'zz'), { recursive: true });
    writeFileSync(join(home, 'artifacts', 'zz', 'stray'), 'x');
    const raw = new BetterSqlite(databaseFile(home));
    raw.pragma('foreign_keys = OFF');
    raw.exec('DROP TRIGGER curve_chunks_read_only_delete; DROP TRIGGER curve_chunks_read_only_update');
    raw.exec("DELETE FROM curve_chunks WHERE id = 1; UPDATE curve_chunks SET data = x'00' WHERE id = 2");
    raw.exec(
      'INSERT INTO summaries VALUES (999, 1, 0.5)'
        .replace('summaries VALUES (999', 'owners VALUES (999')
        .replace(', 1, 0.5)', ", 'm', NULL, NULL, 1, NULL, 1)"),
    );
    raw.close();
    tracker.trash([a]);
    expect(states(tracker)).toMatchObject({
      integrity_check: 'ok',
      'dangling rows': 'bad',
      curves: 'bad',
      'artifact files': 'bad',
      'files of no run': 'note',
      trash: 'note',
    });
    for (const { state, advice } of tracker.examine()) expect(advice !== undefined).toBe(state !== 'ok');
  });
});

describe('tags and notes', () => {
  it('change also of an ended run; a tag is a label', () => {
    using tracker = openTracker({ home: makeHome() });
    const a = record(tracker, 'a');
    tracker.annotate(a, { add: ['x', ' y ', 'x', 'a/b "q" 😀'] });
    tracker.annotate(a, { remove: ['x'], notes: 'n'.repeat(100_000) });
    expect(tracker.getRun(a)).toMatchObject({ tags: ['y', 'a/b "q" 😀'] });
    expect(tracker.getRun(a).notes!.length).toBe(100_000);
    tracker.annotate(a, { notes: null });
    expect(tracker.getRun(a).notes).toBeUndefined();
    const long = 'x'.repeat(10_000_000);
    expect(() => tracker.annotate(a, { add: [long] })).toThrow('has 10000000 characters, at most 1000');
    expect(() => tracker.startRun({ ...START, tags: [long] })).toThrow(TrackerInputError);
    expect(() => tracker.annotate(a, { add: [' '] })).toThrow('a tag is empty');
    expect(() => tracker.annotate(99, {})).toThrow(RunUnknownError);
    expect(existsSync(databaseFile(tracker.home))).toBe(true);
  });
});
