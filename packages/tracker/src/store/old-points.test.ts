import BetterSqlite from 'better-sqlite3';
import { mkdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ENVIRONMENT } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { databaseFile } from '../database.ts';
import { openTracker } from '../index.ts';
import { APPLICATION_ID } from '../migrate.ts';

/** A database as version 2 left it: one row per point, a finished and a running run. */
function makeOldHome(points: number): string {
  const home = makeHome();
  mkdirSync(home, { recursive: true });
  const old = new BetterSqlite(databaseFile(home));
  for (const name of ['0000_runs', '0001_finished_runs_are_read_only']) {
    old.exec(readFileSync(new URL(`../../migrations/${name}.sql`, import.meta.url), 'utf8'));
  }
  old.pragma(`application_id = ${APPLICATION_ID}`);
  old.pragma('user_version = 2');
  const run = old.prepare(
    `INSERT INTO runs (project, name, status, config, environment, engine, tags, created_at, started_at)
     VALUES ('p', 'r', 'RUNNING', ?, ?, 'wasm', '[]', 1, 1)`,
  );
  const environment = JSON.stringify(ENVIRONMENT);
  for (const seed of [1, 2]) run.run(JSON.stringify({ seed, rate: 0.1 }), environment);
  old.exec("INSERT INTO metric_keys VALUES (1, 'train/loss'), (2, 'test/accuracy')");
  const insert = old.prepare('INSERT INTO points VALUES (1, 1, ?, ?, ?, ?, ?)');
  old.transaction(() => {
    for (let at = 1; at <= points; at++)
      insert.run(at, at * 2, at / 10, 1000 + at, at % 7 === 0 ? null : at / 3);
    old.exec(`INSERT INTO latest_metrics VALUES (1, 1, ${points}, 1, 1, 1, 0.5, 0.1, 9, ${points})`);
    old.exec('INSERT INTO summaries VALUES (1, 2, 0.91)');
    old.exec("INSERT INTO datasets VALUES ('d', 'pets', '[\"cat\",\"dog\"]', 1, 1, 1)");
    old.exec("INSERT INTO dataset_splits VALUES ('d', 'test', x'000101', x'000000000100000002000000')");
    old.exec("INSERT INTO predictions VALUES (1, 1, 'best', 'test', 'd', 2, 3, x'000001', x'00', 5)");
    old.exec("UPDATE runs SET status = 'FINISHED', ended_at = 9 WHERE id = 1");
  })();
  old.close();
  return home;
}

it('an old database comes along with every point, summary and matrix', () => {
  const home = makeOldHome(9000);
  using tracker = openTracker({ home });
  const { seq, curves } = tracker.curves(1);
  expect(seq).toBe(9000);
  expect(curves[0]!.points).toEqual(
    Array.from({ length: 9000 }, (_, index) => ({
      step: (index + 1) * 2,
      epoch: (index + 1) / 10,
      wallTime: 1001 + index,
      value: (index + 1) % 7 === 0 ? NaN : (index + 1) / 3,
    })),
  );
  expect(tracker.listRuns().at(-1)!.metrics).toEqual({ 'train/loss': 0.5, 'test/accuracy': 0.91 });
  const raw = new BetterSqlite(databaseFile(home), { readonly: true });
  expect(raw.prepare('SELECT truth, predicted, count FROM matrix_cells').raw().all()).toEqual([
    [0, 0, 1],
    [1, 0, 1],
    [1, 1, 1],
  ]);
  expect(raw.prepare('SELECT count(DISTINCT family) FROM runs').pluck().get()).toBe(1);
  expect(raw.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'points'").pluck().get()).toBe(0);
  expect(raw.pragma('foreign_key_check')).toEqual([]);
  raw.close();
});
