import BetterSqlite from 'better-sqlite3';
import { copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeHome } from '../../test/home.ts';
import { answers, CLASSES, DIGEST, gate, GATE_TEXT, recordRun } from '../../test/registry-home.ts';
import { artifactFile } from '../artifact-store.ts';
import { databaseFile } from '../database.ts';
import { openTracker } from '../index.ts';
import { START } from '../../test/home-data.ts';
import { parseSpan } from './history.ts';
import { openRegistry, type Registry } from './registry.ts';

const GOOD = [0.8, 0.9, 0.7, 0.85];
const BETTER = [0.9, 0.95, 0.8, 0.9];
/** Better as a whole, worse on shirts. */
const ONE_SIDED = [0.97, 0.99, 0.55, 0.97];

function open(home: string): Registry {
  const registry = openRegistry({ home });
  onTestFinished(() => registry.close());
  return registry;
}

function promote(
  registry: Registry,
  version: number,
  more: Partial<Parameters<Registry['promote']>[0]> = {},
) {
  return registry.promote({
    model: 'fashion',
    version,
    alias: 'champion',
    gate: gate(),
    by: 'ada',
    smokeCheck: answers,
    command: 'test',
    ...more,
  });
}

/** Versions 1 to 3: good, better, one-sided. */
function makeRegistry(): { home: string; registry: Registry } {
  const home = makeHome();
  const ids = [GOOD, BETTER, ONE_SIDED].map((recalls, at) =>
    recordRun(home, { name: `run-${at + 1}`, recalls, learningRate: at }),
  );
  const registry = open(home);
  for (const id of ids) registry.register(id, { model: 'fashion', by: 'ada' });
  return { home, registry };
}

/** 1 passed, 2 passed, 3 overridden, back to 2. */
async function makeHistory() {
  const made = makeRegistry();
  await promote(made.registry, 1);
  await promote(made.registry, 2);
  await promote(made.registry, 3, { override: { reason: 'shirts are out of season' } });
  await made.registry.rollBack({
    model: 'fashion',
    alias: 'champion',
    by: 'bob',
    reason: 'complaints',
    smokeCheck: answers,
  });
  return made;
}

describe('registering', () => {
  it('gives numbers that are never given again', () => {
    const { registry } = makeRegistry();
    registry.remove('fashion', 3, { by: 'ada', reason: 'a mistake' });
    expect(() => registry.version('fashion', 3)).toThrow(
      /version 3 of fashion \(it was deleted on .*It has 2, 1\./,
    );
    expect(registry.register(3, { model: 'fashion', by: 'ada' })).toMatchObject({
      created: true,
      version: { version: 4 },
    });
    expect(registry.register(3, { model: 'fashion', by: 'ada' })).toMatchObject({
      created: false,
      version: { version: 4 },
    });
    expect(registry.models()[0]!.versions.map(({ version }) => version)).toEqual([4, 2, 1]);
    expect(registry.verify().problems).toEqual([]);
  });

  it('keeps the lineage', () => {
    const { registry } = makeRegistry();
    expect(registry.version('fashion', 2)).toMatchObject({
      runId: 2,
      runName: 'run-2',
      checkpoint: 'best',
      datasetDigest: DIGEST,
      files: [{ path: 'model/model.json' }, { path: 'model/weights.bin', size: 64 }],
    });
  });

  it('blames the input', () => {
    const { home, registry } = makeRegistry();
    const by = 'ada';
    expect(() => registry.register(1, { model: 'a@b', by })).toThrow(/"a@b" is no name for a model/);
    expect(() => registry.register(1, { model: 'fashion', by, files: 'weights/' })).toThrow(
      /no artifacts under "weights\/"; it has: model\/model\.json, model\/weights\.bin/,
    );
    expect(() => registry.register(1, { model: 'fashion', by, checkpoint: 'bset' })).toThrow(
      /Did you mean best\?/,
    );
    expect(() => registry.register(77, { model: 'fashion', by })).toThrow(
      expect.objectContaining({ code: 'RUN_UNKNOWN' }),
    );
    expect(() => registry.version('fashoin', 1)).toThrow(/no model "fashoin"\. Did you mean fashion\?/);
    using tracker = openTracker({ home });
    using run = tracker.startRun(START);
    expect(() => registry.register(run.id, { model: 'fashion', by })).toThrow(/still RUNNING/);
    run.finish();
  });

  it('refuses files that are damaged', () => {
    const { home, registry } = makeRegistry();
    const id = recordRun(home, {
      name: 'damaged',
      recalls: GOOD,
      seed: 7,
      files: { 'model/model.json': Buffer.from('{}7') },
    });
    const [file] = registry.tracker.getRun(id).artifacts;
    writeFileSync(artifactFile(home, file!.sha256), 'other bytes');
    expect(() => registry.register(id, { model: 'fashion', by: 'ada' })).toThrow(/is damaged/);
  });

  it('takes names with slashes, quotes and emoji', () => {
    const { registry } = makeRegistry();
    const model = `shoes/"left" 👟 'x'; DROP TABLE models`;
    expect(registry.register(1, { model, by: 'ada' }).version.version).toBe(1);
    expect(registry.resolve(`${model}@1`).version).toMatchObject({ model, version: 1 });
  });
});

describe('promoting', () => {
  it('passes what holds, and freezes the evidence', async () => {
    const { registry } = makeRegistry();
    const first = await promote(registry, 1);
    expect(first).toMatchObject({ moved: true, incumbent: undefined });
    expect(first.verdict.predicates.map(({ outcome }) => outcome)).toEqual([
      'not applicable',
      'not applicable',
      ...Array<string>(6).fill('passed'),
    ]);
    const second = await promote(registry, 2);
    expect(second).toMatchObject({ moved: true, overridden: false, incumbent: { version: 1 } });
    expect(second.event).toMatchObject({ kind: 'promoted', version: 2, by: 'ada' });
    expect(registry.models()[0]!.aliases).toEqual({ champion: 2 });
    expect(registry.resolve('fashion@champion')).toMatchObject({ runId: 2, version: { version: 2 } });
  });

  it('is stopped by one class though the whole is better', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 1);
    const stopped = await promote(registry, 3);
    expect(stopped).toMatchObject({ moved: false, event: undefined });
    const failed = stopped.verdict.predicates.filter(({ outcome }) => outcome === 'failed');
    expect(failed).toEqual([
      expect.objectContaining({
        predicate: 'class.*.delta.recall.low > -0.05',
        note: 'worst of 4: class.Shirt.delta.recall.low; 1 fail',
      }),
    ]);
    const delta = stopped.evidence.facts['delta'] as { accuracy: { low: number } };
    expect(delta.accuracy.low).toBeGreaterThan(0);
    expect(registry.models()[0]!.aliases).toEqual({ champion: 1 });
  });

  it('can be overridden, by name and with a reason', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 1);
    await expect(promote(registry, 3, { override: { reason: ' ' } })).rejects.toThrow(
      /the reason of the override is empty/,
    );
    const forced = await promote(registry, 3, { override: { reason: 'shirts are out of season' } });
    expect(forced).toMatchObject({ moved: true, overridden: true });
    expect(JSON.parse(forced.event!.body)).toMatchObject({
      from: 1,
      override: { reason: 'shirts are out of season' },
      verdict: { passed: false },
    });
    expect(registry.verify().problems).toEqual([]);
  });

  it('does not call a passed promotion overridden', async () => {
    const { registry } = makeRegistry();
    const passed = await promote(registry, 1, { override: { reason: 'to be safe' } });
    expect(passed.overridden).toBe(false);
    expect(JSON.parse(passed.event!.body)).not.toHaveProperty('override');
  });

  it('refuses a first version unless the gate allows one', async () => {
    const { registry } = makeRegistry();
    const strict = gate(GATE_TEXT.replace('firstVersion: allow\n', ''));
    const refused = await promote(registry, 1, { gate: strict });
    expect(refused.moved).toBe(false);
    expect(refused.verdict.predicates[0]).toMatchObject({ predicate: 'firstVersion', outcome: 'failed' });
  });

  it('never moves to a model that does not answer, override or not', async () => {
    const { registry } = makeRegistry();
    const broken = async () => ({ status: 'failed' as const, detail: 'weights.bin: 3 bytes' });
    await expect(promote(registry, 1, { smokeCheck: broken, override: { reason: 'hurry' } })).rejects.toThrow(
      /version 1 of fashion does not answer: weights\.bin: 3 bytes\. The alias was not moved/,
    );
    const untried = async () => ({ status: 'unavailable' as const, detail: 'no TensorFlow.js here' });
    const latencyFree = gate('firstVersion: allow\nbootstraps: 200\nrequire:\n  - accuracy.low > 0.5\n');
    const held = await promote(registry, 1, { smokeCheck: untried, gate: latencyFree });
    expect(held).toMatchObject({ moved: false, verdict: { passed: false } });
    expect(held.verdict.predicates[0]).toMatchObject({ predicate: 'smoke check', outcome: 'unknown' });
    const forced = await promote(registry, 1, {
      smokeCheck: untried,
      gate: latencyFree,
      override: { reason: 'tried by hand' },
    });
    expect(forced.moved).toBe(true);
    expect(registry.verify().problems).toEqual([]);
  });

  it('does not compare ledgers of different datasets', async () => {
    const { home, registry } = makeRegistry();
    await promote(registry, 1);
    const id = recordRun(home, { name: 'elsewhere', recalls: BETTER, digest: 'e'.repeat(64) });
    const { version } = registry.register(id, { model: 'fashion', by: 'ada' });
    const held = await promote(registry, version.version);
    expect(held.moved).toBe(false);
    expect(held.verdict.predicates[0]).toMatchObject({
      outcome: 'unknown',
      note: expect.stringContaining('was judged on clothes'),
    });
  });

  it('asks for a ledger', async () => {
    const { home, registry } = makeRegistry();
    const id = recordRun(home, { name: 'unjudged', recalls: BETTER, split: 'val' });
    const { version } = registry.register(id, { model: 'fashion', by: 'ada' });
    await expect(promote(registry, version.version)).rejects.toThrow(
      /no prediction ledger of test \(best\); it has: val \(best\)/,
    );
  });

  it('judges only, where asked to', async () => {
    const { registry } = makeRegistry();
    expect(await promote(registry, 1, { dryRun: true })).toMatchObject({
      moved: false,
      verdict: { passed: true },
    });
    expect(registry.models()[0]!.aliases).toEqual({});
    expect(registry.decisions()).toHaveLength(1);
  });

  it('compares with the holder of another alias', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 2);
    const against = gate(`against: champion\n${GATE_TEXT}`);
    expect(await promote(registry, 1, { alias: 'production', gate: against })).toMatchObject({
      moved: false,
      incumbent: { version: 2 },
    });
  });

  it('blames the input', async () => {
    const { registry } = makeRegistry();
    await promote(registry, 1);
    await expect(promote(registry, 1)).rejects.toThrow(/version 1 of fashion is champion already/);
    await expect(promote(registry, 9)).rejects.toThrow(/no version 9 of fashion\. It has 3, 2, 1\./);
    await expect(promote(registry, 2, { alias: '12' })).rejects.toThrow(/"12" is no alias/);
    await expect(
      promote(registry, 2, { gate: gate('require:\n  - class.Shrit.recall.low > 0\n') }),
    ).rejects.toThrow(/"Shrit".*Did you mean Shirt\?/s);
    expect(() => registry.remove('fashion', 1, { by: 'ada', reason: 'x' })).toThrow(
      /fashion 1 is champion: move the alias first/,
    );
  });

  it('notices that somebody else moved the alias meanwhile', async () => {
    const { home, registry } = makeRegistry();
    await promote(registry, 1);
    const other = open(home);
    const slow = async (...asked: Parameters<typeof answers>) => {
      await promote(other, 2);
      return answers(...asked);
    };
    const third = gate('bootstraps: 200\nrequire:\n  - accuracy.low > 0.5\n');
    await expect(promote(registry, 3, { smokeCheck: slow, gate: third })).rejects.toThrow(
      /moved from 1 to 2 while 3 was judged/,
    );
  });

  it('counts seeds of the same configuration', async () => {
    const { home, registry } = makeRegistry();
    recordRun(home, { name: 'seed-5', recalls: GOOD, seed: 5, learningRate: 0 });
    recordRun(home, { name: 'other-rate', recalls: GOOD, seed: 6, learningRate: 3 });
    expect(registry.seedFamily(1).map(({ seed }) => seed)).toEqual([1, 5]);
    const strict = gate('firstVersion: allow\nbootstraps: 200\nrequire:\n  - seeds >= 3\n');
    expect((await promote(registry, 1, { gate: strict })).verdict.predicates[0]).toMatchObject({
      outcome: 'failed',
      value: 2,
    });
    recordRun(home, { name: 'seed-8', recalls: GOOD, seed: 8, learningRate: 0 });
    expect(await promote(registry, 1, { gate: strict })).toMatchObject({ moved: true });
    recordRun(home, { name: 'seed-8-again', recalls: BETTER, seed: 8, learningRate: 0 });
    expect(registry.verify().problems).toEqual([]);
  });

  it('counts uses of the test split', async () => {
    const { registry } = makeRegistry();
    const tight = gate('firstVersion: allow\nbootstraps: 200\nrequire:\n  - testSetUses <= 2\n');
    await promote(registry, 1, { gate: tight });
    expect(await promote(registry, 2, { gate: tight })).toMatchObject({ moved: true });
    expect(await promote(registry, 3, { gate: tight })).toMatchObject({ moved: false });
    expect(await promote(registry, 3, { gate: tight })).toMatchObject({ moved: false });
    expect(registry.decisions()).toHaveLength(4);
    expect(
      registry.countLook({
        datasetDigest: DIGEST,
        split: 'test',
        runA: 3,
        runB: 2,
        command: 'again, the other way round',
      }),
    ).toMatchObject({
      uses: 3,
      looks: 5,
    });
    expect(registry.verify().problems).toEqual([]);
  });
});

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

describe('telling versions apart', () => {
  it('names settings, metrics and files that differ', () => {
    const { registry } = makeRegistry();
    const { settings, files, origin } = registry.diff('fashion', 1, 2);
    expect(settings).toEqual([{ name: 'optimizer.learningRate', a: 0, b: 1 }]);
    expect(files.map(({ name }) => name)).toEqual(['model/model.json']);
    expect(origin).toEqual([]);
  });
});

describe('a registry opened for reading', () => {
  it('reads and refuses to write', async () => {
    const { home } = await makeHistory();
    using reader = openRegistry({ home, readonly: true });
    expect(reader.models()[0]!.aliases).toEqual({ champion: 2 });
    expect(reader.verify().problems).toEqual([]);
    expect(() => reader.register(1, { model: 'x', by: 'y' })).toThrow(
      expect.objectContaining({ code: 'TRACKER_ACCESS' }),
    );
    await expect(promote(reader, 1)).rejects.toThrow(expect.objectContaining({ code: 'TRACKER_ACCESS' }));
  });

  it('sees nothing where there is nothing', () => {
    using reader = openRegistry({ home: makeHome(), readonly: true });
    expect([reader.models(), reader.events(), reader.verify().problems]).toEqual([[], [], []]);
  });
});
