import BetterSqlite from 'better-sqlite3';
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { artifactFile, databaseFile } from '@atelier/tracker';
import { CLASSES } from '../test/registry-home.ts';
import { makeHistory, open } from '../test/made-registry.ts';
import { makeHome } from '@atelier/tracker/testing/home';

/** A copy of the home with its registry's triggers gone and something changed by hand, verified. */
function verifyChanged(home: string, change: (raw: BetterSqlite.Database, copy: string) => void) {
  const copy = makeHome();
  cpSync(home, copy, { recursive: true });
  const raw = new BetterSqlite(databaseFile(copy));
  const triggers = raw
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
    .pluck()
    .all() as string[];
  for (const name of triggers) raw.exec(`DROP TRIGGER "${name}"`);
  raw.pragma('foreign_keys = OFF');
  change(raw, copy);
  raw.close();
  return open(copy).verify().problems;
}

describe('verifying', () => {
  it('finds nothing wrong where nothing was changed', async () => {
    const { home, registry } = await makeHistory();
    expect(registry.verify()).toMatchObject({ events: 7, recomputed: 3, problems: [] });
    expect(verifyChanged(home, () => undefined)).toEqual([]);
  });

  const flip = (table: string, column: string, where: string) => (raw: BetterSqlite.Database) => {
    const text = raw.prepare(`SELECT ${column} FROM ${table} WHERE ${where}`).pluck().get() as string;
    const at = Math.floor(text.length / 2);
    const other = text[at] === '7' ? '8' : '7';
    const changed = raw
      .prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`)
      .run(text.slice(0, at) + other + text.slice(at + 1));
    expect(changed.changes).toBe(1);
  };

  it('finds one byte of an event', async () => {
    const { home } = await makeHistory();
    const [first] = verifyChanged(home, (raw) =>
      raw.exec(`UPDATE registry_events SET by_whom = 'adb' WHERE seq = 5`),
    );
    expect(first).toMatchObject({
      where: 'chain',
      seq: 5,
      what: expect.stringContaining('event 6 knows the stored one: the content was changed'),
    });
    expect(verifyChanged(home, flip('registry_events', 'hash', 'seq = 5'))[0]).toMatchObject({
      where: 'chain',
      seq: 5,
      what: expect.stringContaining('the hash was changed'),
    });
    for (const column of ['previous', 'model', 'alias']) {
      expect(verifyChanged(home, flip('registry_events', column, 'seq = 6'))[0], column).toMatchObject({
        where: 'chain',
        seq: 6,
      });
    }
    const body = `UPDATE registry_events SET body = replace(body, 'season', 'seasom') WHERE seq = 6`;
    expect(verifyChanged(home, (raw) => raw.exec(body))[0]).toMatchObject({ where: 'chain', seq: 6 });
    expect(
      verifyChanged(home, (raw) => raw.exec('UPDATE registry_events SET at = at + 1 WHERE seq = 7'))[0],
    ).toMatchObject({
      where: 'chain',
      seq: 7,
    });
  });

  it('finds an event taken out, and a history cut short by its head', async () => {
    const { home, registry } = await makeHistory();
    expect(verifyChanged(home, (raw) => raw.exec('DELETE FROM registry_events WHERE seq = 6'))[0]).toEqual({
      where: 'chain',
      seq: 7,
      what: 'event 6 is missing before it',
    });
    const { head } = registry.verify();
    const copy = makeHome();
    cpSync(home, copy, { recursive: true });
    const raw = new BetterSqlite(databaseFile(copy));
    raw.exec('DROP TRIGGER registry_events_append_only_delete; DELETE FROM registry_events WHERE seq = 7');
    raw.close();
    expect(open(copy).verify().problems).toEqual([]);
    expect(open(copy).verify(head).problems).toEqual([expect.objectContaining({ where: 'head' })]);
  });

  it('finds one byte of the evidence, and says which number it was', async () => {
    const { home } = await makeHistory();
    const problems = verifyChanged(home, (raw) => {
      const sha256 = raw
        .prepare('SELECT evidence FROM registry_events WHERE seq = 5')
        .pluck()
        .get() as string;
      const body = raw
        .prepare('SELECT body FROM registry_evidence WHERE sha256 = ?')
        .pluck()
        .get(sha256) as string;
      const changed = body.replace(
        /("macroF1":\{"high":0\.\d)(\d)/,
        (_, head: string, digit: string) => head + ((Number(digit) + 1) % 10),
      );
      expect(changed).not.toBe(body);
      raw.prepare('UPDATE registry_evidence SET body = ? WHERE sha256 = ?').run(changed, sha256);
    });
    expect(problems).toEqual([
      { where: 'evidence', seq: 5, what: expect.stringContaining('its text was changed') },
      {
        where: 'evidence',
        seq: 5,
        what: expect.stringMatching(
          /^facts\.(delta\.)?macroF1\.high was 0\.\d+, the ledgers now give 0\.\d+$/,
        ),
      },
    ]);
  });

  it('finds a changed sentence of the evidence by its SHA-256 alone: later versions may say it otherwise', async () => {
    const { home } = await makeHistory();
    const change = `UPDATE registry_evidence SET body = replace(body, '"sentences":["', '"sentences":["Indeed: ')
      WHERE sha256 = (SELECT evidence FROM registry_events WHERE seq = 5)`;
    expect(verifyChanged(home, (raw) => raw.exec(change))).toEqual([
      { where: 'evidence', seq: 5, what: expect.stringContaining('its text was changed') },
    ]);
  });

  it.each([
    [
      'a metric',
      `INSERT INTO metric_keys (id, name) VALUES (999, 'x'); INSERT INTO summaries VALUES (2, 999, 0.99)`,
    ],
    ['a setting', `UPDATE runs SET config = json_set(config, '$.optimizer.learningRate', 7) WHERE id = 2`],
    ['a parameter', `UPDATE parameters SET number = 7 WHERE run_id = 2 AND name = 'optimizer.learningRate'`],
    [
      'the engine',
      `UPDATE runs SET environment = json_set(environment, '$.engine.precision', 'bf16') WHERE id = 2`,
    ],
    ['the status', `UPDATE runs SET status = 'FAILED' WHERE id = 2`],
  ])('finds %s of a registered run changed by hand', async (_, change) => {
    const { home } = await makeHistory();
    const problems = verifyChanged(home, (raw) => raw.exec(change));
    expect(problems).toContainEqual({
      where: 'version',
      seq: 2,
      what: expect.stringContaining('recordSha256 was'),
    });
  });

  it('finds one byte of a ledger, of labels, of a version, of a file', async () => {
    const { home } = await makeHistory();
    const ledger = verifyChanged(home, (raw) => {
      const blob = raw.prepare('SELECT predicted FROM predictions WHERE run_id = 2').pluck().get() as Buffer;
      blob[17] = (blob[17]! + 1) % CLASSES.length;
      raw.prepare('UPDATE predictions SET predicted = ? WHERE run_id = 2').run(blob);
    });
    expect(ledger[0]).toMatchObject({
      where: 'evidence',
      seq: 5,
      what: expect.stringContaining('inputs.candidate.ledgerSha256 was'),
    });
    const labels = verifyChanged(home, (raw) =>
      raw.exec(`UPDATE dataset_splits SET labels = CAST(x'01' || substr(labels, 2) AS BLOB)`),
    );
    expect(labels[0]).toMatchObject({
      where: 'evidence',
      seq: 4,
      what: expect.stringContaining('inputs.dataset.labelsSha256'),
    });
    const version = verifyChanged(home, (raw) =>
      raw.exec('UPDATE model_versions SET run_id = 1 WHERE version = 3'),
    );
    expect(version[0]).toMatchObject({
      where: 'version',
      seq: 3,
      what: expect.stringContaining('fashion 3: run.id was 3, is 1'),
    });
    const file = verifyChanged(home, (raw, copy) => {
      const sha256 = raw
        .prepare(`SELECT sha256 FROM artifacts WHERE run_id = 2 AND path = 'model/model.json'`)
        .pluck()
        .get() as string;
      copyFileSync(databaseFile(copy), artifactFile(copy, sha256));
    });
    expect(file).toEqual([
      { where: 'files', seq: undefined, what: expect.stringContaining('fashion 2, model/model.json') },
    ]);
    const gone = verifyChanged(home, (raw, copy) => {
      const sha256 = raw
        .prepare(`SELECT sha256 FROM artifacts WHERE run_id = 2 AND path = 'model/model.json'`)
        .pluck()
        .get() as string;
      rmSync(artifactFile(copy, sha256));
    });
    expect(gone[0]).toMatchObject({ where: 'files', what: expect.stringContaining('cannot be read') });
  });

  it('finds a version that nobody registered, and a ledger that is gone', async () => {
    const { home } = await makeHistory();
    const smuggled = verifyChanged(home, (raw) =>
      raw.exec(`INSERT INTO model_versions SELECT model_id, 9, run_id, checkpoint, dataset_digest, files, files_sha256, notes, created_at, NULL
        FROM model_versions WHERE version = 1`),
    );
    expect(smuggled).toEqual([
      { where: 'version', seq: undefined, what: 'fashion 9 was never registered by an event of the history' },
    ]);
    const look = verifyChanged(home, (raw) => raw.exec(`UPDATE decisions SET command = 'tesk' WHERE id = 1`));
    expect(look[0]).toMatchObject({
      where: 'evidence',
      seq: 4,
      what: expect.stringContaining('inputs.testSet.looksSha256 was'),
    });
    const gone = verifyChanged(home, (raw) => raw.exec('DELETE FROM predictions WHERE run_id = 1'));
    expect(gone[0]).toMatchObject({
      where: 'evidence',
      seq: 4,
      what: expect.stringContaining('cannot be computed again: run 1 (run-1) has no prediction ledger'),
    });
  });
});
