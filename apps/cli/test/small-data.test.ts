import { removeFolder } from '@atelier/tracker/testing/home';
import { openTracker } from '@atelier/tracker';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

const SIDE = 8;
const CLASSES = ['left', 'middle', 'right'];
const execute = promisify(execFile);

let home: string;
let folder: string;

/** 60 images, the label in the last column, by name: a bright column to the left, in the middle or to the right. */
function table(): string {
  const pixels = Array.from(
    { length: SIDE * SIDE },
    (_, i) => `${1 + Math.floor(i / SIDE)}x${1 + (i % SIDE)}`,
  );
  const rows = Array.from({ length: 60 }, (_, at) => {
    const label = at % 3;
    const bright = (i: number): boolean => Math.floor((i % SIDE) / 3) === label;
    return [...pixels.map((__, i) => (bright(i) ? 200 + (at % 50) : (at * 7 + i) % 60)), CLASSES[label]].join(
      ',',
    );
  });
  return [[...pixels, 'class'].join(','), ...rows].join('\n');
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-small-'));
  folder = join(home, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'all.csv'), table());
  const files = { train: { table: 'all.csv' } };
  const image = { height: SIDE, width: SIDE };
  const descriptor = { name: 'bars', title: 'Bars', format: 'csv', classes: CLASSES, image, files };
  writeFileSync(join(folder, 'bars.json'), `\ufeff${JSON.stringify(descriptor)}`);
});
afterAll(() => removeFolder(home));

/** What a command says, run in the folder of the data. */
async function atelier(...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, ATELIER_HOME: home, INIT_CWD: folder };
  return execute(process.execPath, [ENTRY, ...words], { env, cwd: folder });
}

describe('60 images in one table, with no flag but their name', () => {
  it('are fetched, described, drawn and trained on, and nothing is written beside them', async () => {
    const fetched = await atelier('data', 'fetch', '--dataset=./bars.json', '--offline');
    expect(fetched.stdout).toContain('Bars: 48 training and 12 test images, checked');
    expect(fetched.stderr).toContain('note: bars has no test files: 12 of its 60 images are set apart');

    const { stdout } = await atelier('data', 'describe', '--dataset=bars', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { train: [12, 13, 13], val: [4, 3, 3], test: [4, 4, 4] },
    });

    const settings = '{flip: random, translate: 1, erase: {probability: 1, maxArea: 0.2}}';
    await atelier('data', 'preview', '--dataset=bars', `--augment=${settings}`);
    expect(existsSync(join(home, 'previews', 'bars-train-augmented.png'))).toBe(true);

    const flags = ['--recipe=quick-cnn', '--dataset=bars', '--engine=cpu', '--epochs=1', '--json'];
    const trained = await atelier('run', ...flags, `--set=augment=${settings}`);
    expect(trained.stderr).toContain('38 train, 10 validation, 12 test');
    using tracker = openTracker({ home, readonly: true });
    const { run } = JSON.parse(trained.stdout) as { run: number };
    const stored = tracker.getRun(run);
    expect(stored.config['batchSize']).toBeLessThanOrEqual(38);
    expect(stored).toMatchObject({
      status: 'FINISHED',
      config: {
        data: { validation: 10 },
        augment: { flip: 'random', erase: { maxArea: 0.2 } },
      },
    });
    expect(readdirSync(folder).sort()).toEqual(['all.csv', 'bars.json']);
  });

  it.each([
    [['data', 'preview', '--dataset=bars', '--per-class=0'], 'expected a whole number from 1, got "0"'],
    [['data', 'preview', '--dataset=bars', '--augment={cutout: 9}'], 'augment.cutout: expected at most 8'],
    [
      ['run', '--recipe=quick-cnn', '--dataset=bars', '--set=augment.translate=8'],
      'augment.translate: expected less',
    ],
    [['data', 'describe', '--dataset=bars', '--validation=58'], 'so it can be 3 to 45'],
  ])('refuse %j', async (words, message) => {
    await atelier('data', 'fetch', '--dataset=./bars.json', '--offline');
    await expect(atelier(...words)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});
