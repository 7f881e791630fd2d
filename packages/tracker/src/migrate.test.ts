import type { Database } from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeHome } from '../test/home.ts';
import { makeOldHome } from '../test/old-home.ts';
import { ENVIRONMENT } from '../test/home-data.ts';
import { openConnection } from './connection.ts';
import { databaseFile, openForWriting } from './database.ts';
import { openSweeps, openTracker } from './index.ts';
import { familyOf } from './store/family.ts';
import { latestVersion, migrate } from './migrate.ts';

/** As version 7 wrote them; a later migration that adds to these tables says how it fills old rows. */
const SWEEP = `INSERT INTO sweeps (name, project, status, spec, code_version, max_attempts, created_at)
  VALUES ('lr', 'p', 'PAUSED', '{"samples":1}', 'c', 1, 1)`;
const TRIAL = `INSERT INTO sweep_trials (sweep_id, number, key, seed, parameters, config, state, objective_values, queued_at)
  VALUES (1, 0, 'k', 1, '{"rate":0.1}', '{}', 'COMPLETE', '[0.5]', 1)`;

/** Writes a finished run with whatever the tables of this version have room for. */
function fill(database: Database, version: number): void {
  const run = database
    .prepare(
      `INSERT INTO runs (project, name, status, config, environment, engine, tags, created_at, started_at)
       VALUES ('p', ?, 'RUNNING', ?, ?, 'wasm', '["old"]', 1, 1)`,
    )
    .run(`of version ${version}`, JSON.stringify({ version }), JSON.stringify(ENVIRONMENT)).lastInsertRowid;
  database.prepare("INSERT INTO metric_keys (name) VALUES ('loss') ON CONFLICT DO NOTHING").run();
  database
    .prepare("INSERT INTO parameters (run_id, name, kind, number) VALUES (?, 'version', 'number', ?)")
    .run(run, version);
  database
    .prepare(
      'INSERT INTO latest_metrics (run_id, key_id, seq, step, wall_time, last, min, max, count) VALUES (?, 1, 2, 2, 2, 0.5, 0.5, 1, 2)',
    )
    .run(run);
  if (version <= 2) {
    const point = database.prepare(
      'INSERT INTO points (run_id, key_id, seq, step, wall_time, value) VALUES (?, 1, ?, ?, ?, ?)',
    );
    for (const at of [1, 2]) point.run(run, at, at, at, 1 / at);
  } else database.prepare('UPDATE latest_metrics SET value = last WHERE run_id = ?').run(run);
  if (version === 6) database.exec("INSERT INTO models (name, last_version, created_at) VALUES ('m', 4, 1)");
  if (version === 7) database.exec(`${SWEEP}; ${TRIAL}`);
  database.prepare("UPDATE runs SET status = 'FINISHED', ended_at = 9 WHERE id = ?").run(run);
}

/** A home whose database has seen every version up to this one, and was written in each. */
function makeHomeOf(version: number): string {
  const home = makeHome();
  mkdirSync(home, { recursive: true });
  const database = openConnection(databaseFile(home));
  for (let step = 1; step <= version; step++) {
    migrate(database, step);
    fill(database, step);
  }
  database.close();
  return home;
}

function schemaOf(home: string): unknown[] {
  const database = openForWriting(home);
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    return database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name').all();
  } finally {
    database.close();
  }
}

describe.each(Array.from({ length: latestVersion() }, (_, at) => at + 1))(
  'a database of version %i',
  (version) => {
    it('is brought up to date with all that was written in it', () => {
      const home = makeHomeOf(version);
      using tracker = openTracker({ home });
      const names = Array.from({ length: version }, (_, at) => `of version ${at + 1}`);
      expect(
        tracker
          .listRuns()
          .map(({ name }) => name)
          .reverse(),
      ).toEqual(names);
      const { id, parameters, metrics, tags, status } = tracker.getRun(tracker.findRunId('of version 1'));
      expect({ parameters, metrics, tags, status }).toEqual({
        ...{ parameters: { version: 1 }, metrics: { loss: 0.5 }, tags: ['old'], status: 'FINISHED' },
      });
      expect(tracker.curves(id).curves[0]?.points.map(({ value }) => value)).toEqual([1, 0.5]);
      const sweeps = openSweeps(tracker)
        .list()
        .map(({ name }) => name);
      expect(sweeps).toEqual(version >= 7 ? ['lr'] : []);
      expect(schemaOf(home)).toEqual(schemaOf(makeHome()));
    });
  },
);

it('a home of version 7 opens with its runs, curves, artifacts, sweep and registry', () => {
  using tracker = openTracker({ home: makeOldHome() });
  const run = tracker.getRun(tracker.findRunId('curves'));
  expect(run).toMatchObject({ status: 'FINISHED', tags: ['baseline'], notes: 'an old run' });
  expect(run.metrics).toEqual({ odd: Infinity, 'test/accuracy': 2 / 3, 'train/loss': 1 / 300 });
  const [loss] = tracker.curves(run.id, { keys: ['train/loss'] }).curves;
  expect(loss!.points.map(({ value }) => value)).toEqual(
    Array.from({ length: 300 }, (_, step) => 1 / (step + 1)),
  );
  expect(Buffer.from(tracker.readArtifact(run.id, 'notes.txt')).toString()).toBe('kept');
  expect(tracker.getRun(tracker.findRunId('broken')).error).toMatchObject({
    code: 'TRAIN_DIVERGED',
    step: 7,
  });
  const sweeps = openSweeps(tracker);
  const states = sweeps.trials(sweeps.get('learning-rates').id).map(({ state }) => state);
  expect(states).toEqual(['COMPLETE', 'COMPLETE', 'PRUNED', 'FAILED', 'COMPLETE', 'COMPLETE', 'QUEUED']);
  expect(tracker.examine().filter(({ state }) => state === 'bad')).toEqual([]);
});

it('families of runs are what version 7 stored', () => {
  const database = openForWriting(makeOldHome());
  onTestFinished(() => void database.close());
  const rows = database
    .prepare<[], { project: string; config: string; family: string }>(
      'SELECT project, config, family FROM runs',
    )
    .all();
  expect(rows.map(({ family }) => family)).toEqual(
    rows.map(({ project, config }) => familyOf(project, JSON.parse(config))),
  );
});
