import { loadDataset, splitDataset } from '@atelier/data';
import { openEngine } from '@atelier/engine';
import { loadModel } from '@atelier/model';
import { openRegistry, smokeCheckOf } from '@atelier/registry';
import { databaseFile, openTracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import { START } from '@atelier/tracker/testing/home-data';
import { CLASSES, exportedModel, FIXTURE, recordRun } from '@atelier/registry/testing/registry-home';
import * as tf from '@tensorflow/tfjs-core';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const LABELS = Uint8Array.from({ length: COUNT }, (_, i) => i % CLASSES.length);
const PIXELS = Buffer.from(ANSWERS.pixels, 'base64');
const SPLIT = { validation: 8, splitSeed: 1 };

function csv(): string {
  const size = PIXELS.length / COUNT;
  const rows = Array.from(LABELS, (label, i) =>
    [label, ...PIXELS.subarray(i * size, (i + 1) * size)].join(','),
  );
  return `${rows.join('\n')}\n`;
}

/** The dataset that the fixture's answers are about, as `data:fetch` leaves one: its images are train and test at once. */
function installDataset(home: string, format: 'idx' | 'csv'): void {
  const folder = join(home, 'datasets', 'clothes');
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const of = (part: string) =>
    format === 'csv' ? { table: `${part}.csv` } : { images: `${part}-images`, labels: `${part}-labels` };
  const files = { train: of('train'), test: of('test') };
  const image = { height: 8, width: 8, channels: 1 };
  const known = { name: 'clothes', title: 'Clothes', classes: CLASSES, image };
  write('descriptor.json', JSON.stringify({ ...known, format, files }));
  for (const part of ['train', 'test']) {
    if (format === 'csv') write(`${part}.csv`, csv());
    write(`${part}-images.gz`, idx([COUNT, 8, 8], PIXELS));
    write(`${part}-labels.gz`, idx([COUNT], LABELS));
  }
}

interface Made {
  readonly files?: Record<string, Uint8Array>;
  readonly format?: 'idx' | 'csv';
  /** Changes the ledger that the model gave when it was exported. */
  readonly forge?: (probabilities: Float32Array) => void;
  readonly config?: object;
}

/** Records the exported model with its ledger. */
async function recordExported(home: string, name: string, made: Made = {}): Promise<void> {
  const {
    files = exportedModel(),
    format = 'idx',
    forge,
    config = { data: { dataset: 'clothes', ...SPLIT } },
  } = made;
  installDataset(home, format);
  const dataset = await loadDataset('clothes', { home });
  const { digest, test } = splitDataset(dataset, { validation: SPLIT.validation, seed: SPLIT.splitSeed });
  using tracker = openTracker({ home });
  const run = tracker.startRun({
    ...START,
    name,
    config: { ...START.config, ...config },
    datasetDigest: digest,
  });
  const { classes: classNames, image } = dataset.descriptor;
  const splits = { test: { labels: test.labels, indices: test.indices } };
  run.logDataset({ digest, name: 'clothes', classNames, image, splits });
  const probabilities = Float32Array.from(ANSWERS.probabilities);
  forge?.(probabilities);
  run.logPredictions({
    split: 'test',
    checkpoint: 'best',
    datasetDigest: digest,
    classes: CLASSES.length,
    probabilities,
  });
  for (const [path, bytes] of Object.entries(files)) run.logArtifact(path, bytes, 'application/octet-stream');
  run.finish();
}

/** Rows from here on become sure and right: what a ledger looks like that someone wants to be believed. */
function rightFrom(first: number): (probabilities: Float32Array) => void {
  return (probabilities) => {
    for (let row = first; row < COUNT; row++) {
      probabilities.fill(0, row * CLASSES.length, (row + 1) * CLASSES.length);
      probabilities[row * CLASSES.length + LABELS[row]!] = 1;
    }
  };
}

/** Writes a gate into the home, where the user of these tests stands. */
function writeGate(home: string, ...requirements: string[]): void {
  const list = requirements.map((text) => `  - ${text}\n`).join('');
  writeFileSync(join(home, 'gate.yaml'), `firstVersion: allow\nbootstraps: 200\nrequire:\n${list}`);
}

const PROMOTE = ['--alias=champion', '--gate=gate.yaml'];

describe('tracker:registry with a model that was really exported', () => {
  it('registers, promotes, verifies, and finds a byte changed by hand', async () => {
    const home = makeHome();
    await recordExported(home, 'exported');
    writeGate(home, 'size.bytes < 20_000', 'latency.p99 < 5000', 'accuracy.high > 0');
    const registered = registry(home, 'register', 'fashion', '--run=exported');
    expect(registered.status).toBe(0);
    expect(registered.stdout).toMatch(
      /^fashion 1 is registered: run exported, model\/model\.json \(\d+ bytes\), /,
    );
    const promoted = registry(home, 'promote', 'fashion', '1', ...PROMOTE);
    expect(promoted).toMatchObject({ status: 0, stderr: '' });
    expect(promoted.stdout).toContain(
      'loads and answers: [1, 8, 8, 1] to [1, 4]; 32 of all 32 images as in its ledger',
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
    const broken: [name: string, made: Made, reason: string][] = [
      [
        'short',
        { files: { ...files, 'model/weights.bin': weights.subarray(4) } },
        'wants 2256 bytes, there are 2252',
      ],
      ['turned', { forge: (of) => of.reverse() }, 'these files are not the model that was judged'],
      ['forged', { forge: rightFrom(COUNT / 2) }, 'asked all 32 images again'],
      ['last', { forge: rightFrom(COUNT - 1) }, 'or the ledger is not its own'],
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
    for (const [name, made] of broken) await recordExported(home, name, made);
    using opened = openRegistry({ home });
    const check = smokeCheckOf(opened.tracker);
    for (const [name, , reason] of broken) {
      const { version } = opened.register(opened.tracker.findRunId(name), { model: 'fashion', by: 'ada' });
      expect(await check(version, 'test'), name).toMatchObject({
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

  it('asks the images of a CSV dataset too', async () => {
    const home = makeHome();
    await recordExported(home, 'csv', { format: 'csv' });
    using opened = openRegistry({ home });
    const { version } = opened.register(1, { model: 'fashion', by: 'ada' });
    expect(await smokeCheckOf(opened.tracker)(version, 'test')).toMatchObject({
      status: 'passed',
      images: { asked: 32, asInLedger: 32 },
    });
  });

  it('asks every view that the run was judged by', async () => {
    const home = makeHome();
    await openEngine({ name: 'cpu' });
    const { 'model/model.json': json, 'model/weights.bin': weights } = exportedModel();
    const model = await loadModel([
      { path: 'model.json', bytes: json! },
      { path: 'weights.bin', bytes: weights! },
    ]);
    const images = tf.tensor4d(
      Float32Array.from(PIXELS, (value) => value / 255),
      [COUNT, 8, 8, 1],
    );
    const [plain, mirrored] = [images, tf.reverse(images, 2)].map((x) => model.predict(x) as tf.Tensor);
    const mean = tf.div(tf.add(plain!, mirrored!), 2).dataSync();
    const config = { data: { dataset: 'clothes', ...SPLIT }, evaluation: { flip: true } };
    await recordExported(home, 'both', { config, forge: (probabilities) => probabilities.set(mean) });
    await recordExported(home, 'one', { config });
    using opened = openRegistry({ home });
    const check = smokeCheckOf(opened.tracker);
    const smokeOf = (run: number) =>
      check(opened.register(run, { model: 'fashion', by: 'ada' }).version, 'test');
    expect(await smokeOf(1)).toMatchObject({ status: 'passed', images: { asked: 32, asInLedger: 32 } });
    expect(await smokeOf(2)).toMatchObject({ status: 'failed' });
  });

  it('says why images cannot be asked again, which a gate refuses unless it says otherwise', async () => {
    const home = makeHome();
    await recordExported(home, 'nothing', { config: {} });
    const unsplit = { data: { dataset: 'clothes', validation: 12, splitSeed: 1 } };
    await recordExported(home, 'unsplit', { config: unsplit });
    await recordExported(home, 'moved');
    using opened = openRegistry({ home });
    const reasons = {
      nothing: 'does not say how the data was split',
      unsplit: 'in this home has the digest',
      moved: 'its dataset cannot be read here',
    };
    for (const [at, [name, reason]] of Object.entries(reasons).entries()) {
      const { version } = opened.register(at + 1, { model: name, by: 'ada' });
      if (name === 'moved') rmSync(join(home, 'datasets'), { recursive: true });
      expect(await smokeCheckOf(opened.tracker)(version, 'test')).toMatchObject({
        status: 'unavailable',
        detail: expect.stringContaining(reason),
        latency: expect.anything(),
      });
    }
    writeGate(home, 'accuracy.high > 0');
    const refused = registry(home, 'promote', 'moved', '1', ...PROMOTE);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(
      /^UNKNOWN +smoke check +see .*were not asked again: its dataset cannot be read here/ms,
    );
    const text = readFileSync(join(home, 'gate.yaml'), 'utf8');
    writeFileSync(join(home, 'gate.yaml'), `unavailable: allow\n${text}`);
    const allowed = registry(home, 'promote', 'moved', '1', ...PROMOTE);
    expect(allowed.stdout).toContain('champion is now moved 1');
    expect(registry(home, 'verify').status).toBe(0);
  });

  it('is not deceived by labels changed in the record', async () => {
    const home = makeHome();
    await recordExported(home, 'relabelled');
    const raw = new BetterSqlite(databaseFile(home));
    raw.prepare('UPDATE dataset_splits SET labels = ?').run(Buffer.alloc(COUNT));
    raw.close();
    using opened = openRegistry({ home });
    const { version } = opened.register(1, { model: 'fashion', by: 'ada' });
    expect(await smokeCheckOf(opened.tracker)(version, 'test')).toEqual({
      status: 'failed',
      detail: 'the labels recorded of test are not those of the dataset',
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
