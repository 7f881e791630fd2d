import { removeFolder } from '@atelier/tracker/testing/home';
import { encodePng } from '@atelier/data';
import { openRegistry } from '@atelier/registry';
import { openTracker } from '@atelier/tracker';
import { drawImages, SIDE, writeTinyDataset } from '@atelier/train/testing/tiny-dataset';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

let home: string;
let data: string;
let digest: string;

function atelier(...args: string[]) {
  const env = { ...process.env, ATELIER_HOME: home, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
    encoding: 'utf8',
    cwd: home,
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-saved-'));
  data = await writeTinyDataset(home);
  const flags = [
    '--recipe=quick-cnn',
    '--engine=cpu',
    '--epochs=3',
    '--batch-size=40',
    '--name=bands',
    '--quiet',
  ];
  const { code, err } = atelier('run', ...flags, `--dataset=${data}`, '--validation=30');
  if (code !== 0) throw new Error(err);
  using tracker = openTracker({ home });
  ({ datasetDigest: digest = '' } = tracker.getRun(1));
  mkdirSync(join(home, 'saved'));
  for (const name of ['model.json', 'weights.bin'])
    writeFileSync(join(home, 'saved', name), tracker.readArtifact(1, `model/${name}`));
}, 120_000);
afterAll(() => removeFolder(home));

describe('evaluate', () => {
  it('answers as the ledger of training, leaves it, and counts the look at the test split', () => {
    using tracker = openTracker({ home });
    const accuracy = tracker.getRun(1).metrics['test/accuracy'];
    const before = tracker.predictions(1, { split: 'test' });
    const { code, out, err } = atelier('evaluate', 'bands', '--engine=cpu', '--json');
    expect([code, err]).toEqual([0, expect.stringContaining('confusion matrix')]);
    const answer = JSON.parse(out) as { summary: Record<string, number>; ledger: string; uses: number };
    expect(answer.summary['test/accuracy']).toBe(accuracy);
    expect(answer.ledger).toMatch(/is there already and stays; no probability here is further than 0\.000/);
    expect(answer.uses).toBe(1);
    expect(tracker.predictions(1, { split: 'test' })).toEqual(before);
    // the same run again tells nothing new; another model does, and validation is free
    expect(JSON.parse(atelier('evaluate', '1', '--engine=cpu', '--json').out)).toMatchObject({ uses: 1 });
    const folder = ['evaluate', './saved', `--dataset=${data}`, '--engine=cpu', '--json'];
    expect(JSON.parse(atelier(...folder, '--split=val').out)).not.toHaveProperty('uses');
    expect(JSON.parse(atelier(...folder).out)).toMatchObject({ ledger: 'not kept: the model is of no run' });
    using registry = openRegistry({ home, readonly: true });
    expect(registry.decisions().filter((look) => look.datasetDigest === digest)).toHaveLength(2);
  }, 120_000);

  it.each([
    [['evaluate', 'band'], 'bands'],
    [['evaluate', 'bands', '--dataset=tiiny'], 'Did you mean "tiny"?'],
    [
      ['evaluate', 'bands', '--dataset=./other.json'],
      'expected the classes top, middle, bottom; other has top, mid',
    ],
    [['evaluate', 'bands', '--split=train'], 'Allowed choices are val, test'],
  ])('refuses %j', (args, message) => {
    const descriptor = JSON.parse(readFileSync(data, 'utf8')) as object;
    const other = { ...descriptor, name: 'other', classes: ['top', 'mid', 'bottom'] };
    writeFileSync(join(home, 'other.json'), JSON.stringify(other));
    spawnSync('cp', ['-r', join(home, 'datasets/tiny'), join(home, 'datasets/other')]);
    expect(atelier(...args)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  });
});

describe('predict', () => {
  it('names the classes of pictures, light on dark or turned round, of any size where that is asked for', () => {
    const { pixels } = drawImages(3, 9);
    const first = pixels.subarray(0, SIDE * SIDE);
    const png = (name: string, side: number, of: Uint8Array): void =>
      writeFileSync(join(home, name), encodePng({ width: side, height: side, channels: 1, pixels: of }));
    png('top.png', SIDE, first);
    png(
      'dark.png',
      SIDE,
      first.map((value) => 255 - value),
    );
    const twice = Uint8Array.from({ length: 4 * SIDE * SIDE }, (_, i) => {
      const [y, x] = [Math.floor(i / (2 * SIDE)), i % (2 * SIDE)];
      return first[(y >> 1) * SIDE + (x >> 1)]!;
    });
    png('large.png', 2 * SIDE, twice);
    const ask = (...args: string[]) => {
      const { out } = atelier('predict', ...args, '--engine=cpu', '--json');
      const { answers } = JSON.parse(out) as {
        answers: { classes: { class: string; probability: number }[] }[];
      };
      return answers.map(({ classes }) => classes);
    };
    const [light, large] = ask('bands', 'top.png', 'large.png', '--resize');
    expect(light).toHaveLength(3);
    expect(light!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    expect(large).toEqual(light);
    expect(ask('bands', 'dark.png', '--invert')).toEqual([light]);
    expect(ask('./saved', 'top.png', '--top=1')[0]![0]!.class).toMatch(/^[012]$/);
    expect(ask('./saved', 'top.png', `--dataset=${data}`)).toEqual([light]);
    expect(atelier('predict', 'bands', 'large.png')).toMatchObject({
      code: 2,
      err: expect.stringContaining('expected 8 x 8 pixels, got 16 x 16 (--resize makes it fit)'),
    });
  }, 120_000);
});

describe('replay', () => {
  it('gives identical bits on the same engine, and says where another one differs', () => {
    const same = atelier('replay', 'bands', '--quiet');
    expect([same.code, same.out]).toEqual([0, expect.stringContaining('identical: run 2 has every point')]);
    using tracker = openTracker({ home, readonly: true });
    expect(tracker.getRun(2)).toMatchObject({ tags: ['replay'], notes: 'replays run 1 (bands)' });
    const other = atelier('replay', 'bands', '--engine=wasm', '--threads=1', '--json');
    expect(other.code).toBe(1);
    const { identical, curves, environment, weights } = JSON.parse(other.out) as {
      identical: boolean;
      curves: { step: number; most: number }[];
      environment: { name: string }[];
      weights: { was: string; is: string };
    };
    expect(identical).toBe(false);
    expect(weights.was).not.toBe(weights.is);
    expect(curves[0]!.step).toBeGreaterThan(0);
    expect(curves[0]!.most).toBeGreaterThan(0);
    expect(environment.map(({ name }) => name)).toContain('engine');
  }, 240_000);

  it('refuses other data, a run that did not end by itself, and names the nearest', async () => {
    {
      using tracker = openTracker({ home });
      tracker.startRun({ project: 'tiny', name: 'stopped' }).kill('SIGINT received');
    }
    expect(atelier('replay', 'stopped')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is KILLED: expected a FINISHED one'),
    });
    await writeTinyDataset(home, 243);
    const other = atelier('replay', 'bands', '--quiet');
    await writeTinyDataset(home);
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('its digest was') });
    expect(atelier('replay', 'banda')).toMatchObject({ code: 2, err: expect.stringContaining('bands') });
  }, 60_000);
});
