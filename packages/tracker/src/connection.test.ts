import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openConnection } from './connection.ts';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'atelier-connection-')), 'probe.db');

it('gives the same statement for the same SQL, as if it were fresh', () => {
  const database = openConnection(file(), {});
  database.exec('CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)');
  const sql = 'SELECT a, b FROM t';
  const first = database.prepare(sql);
  expect(first.pluck().get()).toBe(1);
  expect(database.prepare(sql)).toBe(first);
  expect(first.all()).toEqual([{ a: 1, b: 2 }]);
  expect(database.prepare(sql).raw().all()).toEqual([[1, 2]]);
  expect(database.prepare(sql).get()).toEqual({ a: 1, b: 2 });
  expect(openConnection(file(), {}).prepare('SELECT 1')).not.toBe(database.prepare('SELECT 1'));
});

it('sees a table that changed after the statement was prepared', () => {
  const database = openConnection(file(), {});
  database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  expect(database.prepare('SELECT * FROM t').get()).toEqual({ a: 1 });
  database.exec('ALTER TABLE t ADD COLUMN b DEFAULT 7');
  expect(database.prepare('SELECT * FROM t').get()).toEqual({ a: 1, b: 7 });
});

it('reads and sets pragmas', () => {
  const database = openConnection(file(), {});
  expect(database.pragma('user_version', { simple: true })).toBe(0);
  database.pragma('user_version = 5');
  expect(database.pragma('user_version', { simple: true })).toBe(5);
  expect(database.pragma('user_version')).toEqual([{ user_version: 5 }]);
});
