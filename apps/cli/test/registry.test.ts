import { openRegistry, smokeCheckOf } from '@atelier/registry';
import { databaseFile, openTracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import { START } from '@atelier/tracker/testing/home-data';
import { CLASSES, exportedModel, FIXTURE, recordRun } from '@atelier/registry/testing/registry-home';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import BetterSqlite from 'better-sqlite3';
import { ENTRY } from '../src/terminal/entry.ts';

function run(home: string, ...args: string[]) {
  const env = { ...process.env, ATELIER_HOME: home, NO_COLOR: '1' };
  return spawnSync(process.execPath, [ENTRY, ...args], { encoding: 'utf8', env, cwd: home });
}

const registry = (home: string, ...args: string[]) => run(home, 'registry', ...args);

const ANSWERS = JSON.parse(readFileSync(`${FIXTURE}answers.json`, 'utf8')) as {
  pixels: string;
  probabilities: number[];
};
const COUNT = ANSWERS.probabilities.length / CLASSES.length;

function idx(dimensions: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, at) => header.writeUInt32BE(size, 4 + 4 * at));
  return gzipSync(Buffer.concat([header, data]));
}

/** The dataset that the fixture's answers are about, as `data:fetch` leaves one. */
function installDataset(home: string, labels: Uint8Array): void {
  const folder = join(home, 'datasets', 'clothes');
  mkdirSync(folder, { recursive: true });
  const files = { images: 'test-images', labels: 'test-labels' };
  writeFileSync(
    join(folder, 'descriptor.json'),
    JSON.stringify({ format: 'idx', files: { train: files, test: files } }),
  );
  writeFileSync(join(folder, 'test-images.gz'), idx([COUNT, 8, 8], Buffer.from(ANSWERS.pixels, 'base64')));
  writeFileSync(join(folder, 'test-labels.gz'), idx([COUNT], labels));
}

/** Records the exported model with the ledger that it gave when it was exported, or with one turned round. */
function recordExported(home: string, name: string, { files = exportedModel(), turned = false } = {}): void {
  using tracker = openTracker({ home });
  const config = { ...START.config, data: { dataset: 'clothes' } };
  const made = tracker.startRun({ ...START, name, config, datasetDigest: 'f'.repeat(64) });
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % CLASSES.length);
  const indices = Uint32Array.from(labels.keys());
  const splits = { test: { labels, indices } };
  made.logDataset({
    digest: 'f'.repeat(64),
    name: 'clothes',
    classNames: CLASSES,
    image: { height: 8, width: 8, channels: 1 },
    splits,
  });
  const probabilities = Float32Array.from(ANSWERS.probabilities);
  if (turned) probabilities.reverse();
  made.logPredictions({
    split: 'test',
    checkpoint: 'best',
    datasetDigest: 'f'.repeat(64),
    classes: CLASSES.length,
    probabilities,
  });
  for (const [path, bytes] of Object.entries(files))
    made.logArtifact(path, bytes, 'application/octet-stream');
  made.finish();
  installDataset(home, labels);
}

/** Writes a gate into the home, where the user of these tests stands. */
function writeGate(home: string, ...requirements: string[]): void {
  const list = requirements.map((text) => `  - ${text}\n`).join('');
  writeFileSync(join(home, 'gate.yaml'), `firstVersion: allow\nbootstraps: 200\nrequire:\n${list}`);
}

const PROMOTE = ['--alias=champion', '--gate=gate.yaml'];

describe('tracker:registry with a model that was really exported', () => {
  it('registers, promotes, verifies, and finds a byte changed by hand', () => {
    const home = makeHome();
    recordExported(home, 'exported');
    writeGate(home, 'size.bytes < 20_000', 'latency.p99 < 5000', 'accuracy.high > 0');
    const registered = registry(home, 'register', 'fashion', '--run=exported');
    expect(registered.status).toBe(0);
    expect(registered.stdout).toMatch(
      /^fashion 1 is registered: run exported, model\/model\.json \(\d+ bytes\), /,
    );
    const promoted = registry(home, 'promote', 'fashion', '1', ...PROMOTE);
    expect(promoted).toMatchObject({ status: 0, stderr: '' });
    expect(promoted.stdout).toContain(
      'loads and answers: [1, 8, 8, 1] to [1, 4]; 32 of 32 stored images as in its ledger',
    );
    expect(promoted.stdout).toMatch(/^pass +size\.bytes < 20_000 +13698$/m);
    expect(promoted.stdout).toMatch(/^champion is now fashion 1\. Event 2, [0-9a-f]{64}$/m);
    expect(registry(home, 'verify')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('everything is as the history says'),
    });
    const raw = new BetterSqlite(databaseFile(home));
    raw.exec(
      `DROP TRIGGER registry_events_append_only_update; UPDATE registry_events SET by_whom = by_whom || '.' WHERE seq = 2`,
    );
    raw.close();
    const verified = registry(home, 'verify');
    expect(verified.status).toBe(1);
    expect(verified.stdout).toMatch(/1 thing\(s\) are not as the history says\n {2}chain of event 2: /);
  });

  it('refuses weights that are not those of the model, of the ledger, or of any size', async () => {
    const home = makeHome();
    const files = exportedModel();
    const weights = files['model/weights.bin']!;
    const broken: [
      name: string,
      made: { files?: Record<string, Uint8Array>; turned?: boolean },
      reason: string,
    ][] = [
      [
        'short',
        { files: { ...files, 'model/weights.bin': weights.subarray(4) } },
        'wants 2256 bytes, there are 2252',
      ],
      ['turned', { turned: true }, 'these files are not the model that was judged'],
      [
        'holed',
        { files: { ...files, 'model/weights.bin': Buffer.alloc(weights.length, 0xff) } },
        'NaN or infinite',
      ],
      [
        'words',
        { files: { ...files, 'model/model.json': Buffer.from('no JSON') } },
        'model.json is not JSON',
      ],
      [
        'alone',
        { files: { 'model/model.json': files['model/model.json']! } },
        'names weights.bin, which the version does not have',
      ],
    ];
    for (const [name, made] of broken) recordExported(home, name, made);
    using opened = openRegistry({ home });
    const check = smokeCheckOf(opened.tracker);
    for (const [name, , reason] of broken) {
      const { version } = opened.register(opened.tracker.findRunId(name), { model: 'fashion', by: 'ada' });
      expect(await check(version, 'test'), name).toEqual({
        status: 'failed',
        detail: expect.stringContaining(reason),
      });
    }
    const { version } = opened.register(1, { model: 'other', by: 'ada', files: 'model/w' });
    expect(await check(version, 'test')).toMatchObject({
      status: 'unavailable',
      detail: expect.stringContaining('no model.json'),
    });
  });
});

describe('tracker:registry and tracker:compare', () => {
  it('say that there is nothing where there is nothing', () => {
    const home = makeHome();
    expect(registry(home, 'ls')).toMatchObject({ status: 0, stdout: `no models in ${home}\n` });
    expect(registry(home, 'history')).toMatchObject({ status: 0, stdout: `no history in ${home}\n` });
    expect(registry(home, 'verify')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('0 event(s)'),
    });
  });

  it("blame the input, in the user's words", () => {
    const home = makeHome();
    recordRun(home, { name: 'run-1', recalls: [0.8, 0.9, 0.7, 0.85] });
    writeGate(home, 'delta.acuracy.low > 0');
    registry(home, 'register', 'fashion', '--run=run-1');
    const refused = (args: string[], message: string | RegExp) =>
      expect(registry(home, ...args), args.join(' ')).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(message),
      });
    refused(['promote', 'fashion', '1', ...PROMOTE], /gate\.yaml:4: "acuracy": .*Did you mean accuracy\?/);
    refused(['promote', 'fashion', '1', '--alias=champion', '--gate=none.yaml'], 'none.yaml: no such file');
    refused(['promote', 'fashion', 'one', ...PROMOTE], 'A version is a whole number from 1');
    refused(['promote', 'fashion', '1', '--alias=champion'], 'required option .--gate');
    refused(['history', 'fashoin'], 'Did you mean fashion?');
    refused(['history', '--at=yesterday'], 'is no time: expected a day, as 2026-11-20');
    refused(['diff', 'fashion', '1', '2'], 'no version 2 of fashion. It has 1.');
    refused(['rollback', 'fashion', '--alias=champion', '--reason=x'], 'no alias "champion" of fashion');
    refused(['register', 'fashion', '--run=run-2'], 'Did you mean run-1?');
    writeGate(home, 'accuracy.high > 0');
    refused(
      ['promote', 'fashion', '1', ...PROMOTE, '--override'],
      '--override needs --by=<name> and --reason=<text>',
    );
    refused(['promote', 'fashion', '1', ...PROMOTE, '--reason=x'], '--reason belongs to --override');
    expect(run(home, 'compare', 'run-1', 'run-1')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('are the same'),
    });
    expect(run(home, 'compare', 'run-1', 'fashion@champion')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('fashion has no aliases yet'),
    });
  });

  it('compare in text, Markdown and JSON', () => {
    const home = makeHome();
    recordRun(home, { name: 'a|b', recalls: [0.8, 0.9, 0.8, 0.85] });
    recordRun(home, { name: 'b', recalls: [0.95, 0.97, 0.6, 0.97], seed: 2 });
    registry(home, 'register', 'fashion', '--run=b');
    const text = run(home, 'compare', 'a|b', 'fashion@1');
    expect(text).toMatchObject({ status: 0, stderr: '' });
    expect(text.stdout).toMatch(/^b is better than a\|b by .*; on Shirt it is worse by /m);
    expect(text.stdout).toMatch(/^A wrong +\d+ +\d+ +\d+$/m);
    const markdown = run(home, 'compare', 'a|b', 'b', '--md').stdout;
    expect(markdown).toMatch(/^## b \(B\) against a\\\|b \(A\) on test of clothes dddddddddddd$/m);
    const tables = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(tables.length).toBeGreaterThan(25);
    const open = markdown.match(/<details>/g)!.length;
    expect(markdown.match(/<\/details>/g)).toHaveLength(open);
    const json = JSON.parse(run(home, 'compare', 'a|b', 'b', '--json').stdout);
    expect(json).toMatchObject({
      split: 'test',
      a: { runName: 'a|b' },
      b: { runId: 2 },
      use: { uses: 1, looks: 3 },
    });
  });

  it('print JSON of everything', () => {
    const home = makeHome();
    recordRun(home, {
      name: 'run-1',
      recalls: [0.8, 0.9, 0.7, 0.85],
      files: { 'model/weights.bin': Buffer.alloc(8) },
    });
    writeGate(home, 'accuracy.high > 0');
    expect(JSON.parse(registry(home, 'register', 'fashion', '--run=1', '--json').stdout)).toMatchObject({
      version: 1,
      created: true,
    });
    const held = registry(home, 'promote', 'fashion', '1', ...PROMOTE, '--json');
    expect(held.status).toBe(1);
    expect(JSON.parse(held.stdout)).toMatchObject({
      moved: false,
      verdict: { passed: false, predicates: [{ predicate: 'smoke check' }, {}] },
    });
    const forced = registry(
      home,
      'promote',
      'fashion',
      '1',
      ...PROMOTE,
      '--json',
      '--override',
      '--by=ada',
      '--reason=no TensorFlow.js model',
    );
    expect(JSON.parse(forced.stdout)).toMatchObject({ moved: true, overridden: true, event: { by: 'ada' } });
    expect(JSON.parse(registry(home, 'ls', '--json').stdout)).toMatchObject([
      { name: 'fashion', aliases: { champion: 1 } },
    ]);
    expect(JSON.parse(registry(home, 'history', '--json').stdout)).toMatchObject([
      { seq: 1 },
      { seq: 2, body: { override: {} } },
    ]);
    const today = new Date().toLocaleDateString('sv-SE');
    expect(JSON.parse(registry(home, 'history', '--json', `--at=${today}`).stdout)).toMatchObject([
      { alias: 'champion', atEnd: 1 },
    ]);
    expect(JSON.parse(registry(home, 'verify', '--json').stdout)).toMatchObject({ events: 2, problems: [] });
  });
});
