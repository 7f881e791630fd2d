import BetterSqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answers } from '../test/registry-home.ts';
import { databaseFile } from '@atelier/tracker';
import { makeHistory } from '../test/made-registry.ts';
import { parseSpan } from './history.ts';

describe('rolling back', () => {
  it('gives the alias to the holder before, once and again', async () => {
    const { registry } = await makeHistory();
    const rollBack = (to?: number) =>
      registry.rollBack({
        model: 'fashion',
        alias: 'champion',
        by: 'bob',
        reason: 'still',
        to,
        smokeCheck: answers,
      });
    expect(registry.models()[0]!.aliases).toEqual({ champion: 2 });
    await expect(rollBack(3)).rejects.toThrow(
      /champion of fashion is 2 and cannot go back to 3: earlier holders: 1/,
    );
    expect(await rollBack()).toMatchObject({
      from: 2,
      event: { version: 1, kind: 'rolled-back', by: 'bob' },
    });
    await expect(rollBack()).rejects.toThrow(/nobody held champion before/);
    expect(registry.events({ alias: 'champion' }).map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      'promoted 1',
      'promoted 2',
      'promoted 3',
      'rolled-back 2',
      'rolled-back 1',
    ]);
    expect(registry.verify().problems).toEqual([]);
  });

  it('goes further back where asked to, and names what is near', async () => {
    const { registry } = await makeHistory();
    const rollBack = (alias: string, to?: number) =>
      registry.rollBack({ model: 'fashion', alias, by: 'bob', reason: 'still', to, smokeCheck: answers });
    expect(await rollBack('champion', 1)).toMatchObject({ from: 2, event: { version: 1 } });
    await expect(rollBack('champoin')).rejects.toThrow(/Did you mean champion\?/);
  });

  it('does not go back to a version that is broken', async () => {
    const { registry } = await makeHistory();
    const broken = async () => ({ status: 'failed' as const, detail: 'gone' });
    await expect(
      registry.rollBack({ model: 'fashion', alias: 'champion', by: 'b', reason: 'r', smokeCheck: broken }),
    ).rejects.toThrow(/version 1 of fashion does not answer: gone/);
  });
});

describe('the history', () => {
  it('says who was champion when', async () => {
    const { registry } = await makeHistory();
    const moves = registry.events({ alias: 'champion' });
    for (const { at } of moves) {
      const last = moves.filter((move) => move.at <= at).at(-1)!;
      expect(registry.holdings({ from: at, until: at })).toMatchObject([
        { alias: 'champion', atEnd: last.version },
      ]);
    }
    const today = new Date().toLocaleDateString('sv-SE');
    expect(registry.holdings(parseSpan(today))[0]).toMatchObject({ atBeginning: undefined, atEnd: 2 });
    expect(registry.holdings(parseSpan('2020-01-01'))).toEqual([]);
  });

  it.each(['2026-02-30', 'yesterday', '2026-13-01', '20261120', ''])('knows no time %j', (text) => {
    expect(() => parseSpan(text)).toThrow(/is no time: expected a day/);
  });

  it('reads a day from its first to its last millisecond, and moments with zones', () => {
    const { from, until } = parseSpan('2026-11-20');
    expect([new Date(from).getHours(), until - from + 1]).toEqual([0, 86_400_000]);
    expect(parseSpan('2026-11-20T14:30Z').from).toBe(Date.UTC(2026, 10, 20, 14, 30));
  });

  it('is written once', async () => {
    const { home } = await makeHistory();
    const raw = new BetterSqlite(databaseFile(home));
    onTestFinished(() => void raw.close());
    for (const statement of [
      `UPDATE registry_events SET by_whom = 'eve'`,
      'DELETE FROM registry_events',
      `INSERT OR REPLACE INTO registry_events SELECT * FROM registry_events WHERE seq = 1`,
      `UPDATE registry_evidence SET body = '{}'`,
      'DELETE FROM registry_evidence',
      'DELETE FROM decisions',
      'UPDATE decisions SET run_a = 9',
      'DELETE FROM model_versions',
      'UPDATE model_versions SET run_id = 2',
      'UPDATE models SET last_version = 0',
      'DELETE FROM models',
    ]) {
      expect(() => raw.exec(statement), statement).toThrow(/REGISTRY_APPEND_ONLY|REGISTRY_OUT_OF_ORDER/);
    }
  });
});
