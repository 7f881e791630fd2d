import { encodePng } from '@atelier/data';
import { openRegistry } from '@atelier/registry';
import { CLASSES, DIGEST, answers, exportedModel, gate } from '@atelier/registry/testing/registry-home';
import { openTracker, type Tracker } from '@atelier/tracker';
import { START } from '@atelier/tracker/testing/home-data';
import { readRecipe } from '@atelier/train';
import { writeTinyDataset } from '@atelier/train/testing/tiny-dataset';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRY } from '../src/terminal/entry.ts';
import { WORKSPACE_ROOT } from '../src/terminal/home.ts';

/** Runs that examples name; the others are seed-cnn-N. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'baseline',
  2: 'pool-first',
  3: 'seed-wasm',
  4: 'draft',
};
const RUNS = 31;
const VERSIONS = 12;
const SAMPLES = 400;

/** Ledgers of a run that is right for all samples but one in fifty. */
function ledger(seed: number) {
  const labels = Uint8Array.from({ length: SAMPLES }, (_, i) => i % CLASSES.length);
  const probabilities = new Float32Array(SAMPLES * CLASSES.length).fill(0.02 / (CLASSES.length - 1));
  labels.forEach((label, i) => {
    const answer = (i + seed) % 50 === 0 ? (label + 1) % CLASSES.length : label;
    probabilities[i * CLASSES.length + answer] = 0.98;
  });
  return { labels, indices: Uint32Array.from(labels.keys()), probabilities };
}

function record(tracker: Tracker, id: number, files: Readonly<Record<string, Uint8Array>>): void {
  const config = { ...START.config, recipe: 'seed-cnn', batchSize: 64, epochs: 1, seed: id };
  const name = NAMES[id] ?? `seed-cnn-${id}`;
  const run = tracker.startRun({ ...START, name, config, datasetDigest: DIGEST });
  run.log(
    { 'train/loss': 1 / id, 'val/loss': 1 / id, 'val/accuracy': 0.9 + id / 1000 },
    { step: 10, epoch: 1 },
  );
  const { labels, indices, probabilities } = ledger(id);
  const image = { height: 8, width: 8, channels: 1 };
  const splits = { test: { labels, indices }, val: { labels, indices } };
  run.logDataset({ digest: DIGEST, name: 'clothes', classNames: CLASSES, image, splits });
  for (const split of ['test', 'val'])
    run.logPredictions({
      split,
      checkpoint: 'best',
      datasetDigest: DIGEST,
      classes: CLASSES.length,
      probabilities,
    });
  run.setSummary({ 'test/accuracy': 0.98 });
  for (const [path, bytes] of Object.entries(files)) run.logArtifact(path, bytes, 'application/octet-stream');
  run.finish();
}

async function makeHistory(home: string): Promise<void> {
  using registry = openRegistry({ home });
  for (let id = 1; id <= VERSIONS; id++) registry.register(id, { model: 'fashion', by: 'ada' });
  const who = { by: 'ada', command: 'test', smokeCheck: answers, override: { reason: 'to begin with' } };
  for (const version of [7, 8, 9, 10])
    await registry.promote({ model: 'fashion', version, alias: 'champion', gate: gate(), ...who });
}

/** Runs a command of the program in `folder`. @throws where it fails */
function run(home: string, folder: string, ...args: string[]): void {
  const env = { ...process.env, ATELIER_HOME: home };
  const { status, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (status !== 0 && args[0] !== 'sweep')
    throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
}

const MINE = `const sum = (point: Record<string, number>) => Object.values(point).reduce((a, b) => a + b, 0);
export default (point: Record<string, number>): number => {
  if (point['fails'] !== undefined) throw new Error('told to');
  return sum(point);
};\n`;

/** Sweeps that examples name; of "lr" every trial fails. */
function makeSweeps(home: string, folder: string): void {
  const how = ['--objective=./mine.ts', '--sampler=grid', '--workers=1', '--retries=0', '--quiet'];
  for (const name of ['seed-cnn-grid-3f9a1c', 'quick-cnn-tpe', 'learning-rates'])
    run(home, folder, 'sweep', ...how, '--space=x=1,2', `--name=${name}`);
  const eighteen = Array.from({ length: 18 }, (_, i) => i).join(',');
  run(home, folder, 'sweep', ...how, `--space=fails=${eighteen}`, '--name=lr');
}

/** A run that was trained here, and pictures to ask it about. */
function makeTrained(home: string, folder: string, data: string): void {
  const cheap = [
    '--engine=wasm',
    '--threads=1',
    '--epochs=1',
    '--validation=30',
    '--batch-size=40',
    '--quiet',
  ];
  run(home, folder, 'run', '--recipe=quick-cnn', `--dataset=${data}`, '--name=quick-cnn-40', ...cheap);
  const picture = (side: number, channels: 1 | 3) => ({
    ...{ width: side, height: side, channels },
    pixels: Uint8Array.from({ length: side * side * channels }, (_, i) => (i * 37) % 256),
  });
  writeFileSync(join(folder, 'coat.png'), encodePng(picture(8, 1)));
  writeFileSync(join(folder, 'photo.png'), encodePng(picture(20, 3)));
}

/** Everything that an example may name: a home with runs, a model and sweeps, and files in the folder where it is typed. */
export async function makeExampleHome(
  scratch: string,
): Promise<{ home: string; folder: string; data: string }> {
  const [home, folder] = [join(scratch, 'home'), join(scratch, 'folder')];
  const made = [home, folder, join(folder, 'mlartifacts'), join(scratch, 'bin'), join(scratch, 'downloads')];
  made.forEach((path) => mkdirSync(path));
  const data = await writeTinyDataset(home);
  for (const place of [join(scratch, 'downloads/fashion-mnist'), join(folder, 'my-dataset')]) {
    cpSync(join(home, 'datasets/tiny'), place, { recursive: true });
    cpSync(data, join(place, 'descriptor.json'));
  }
  const files = exportedModel();
  {
    using tracker = openTracker({ home });
    for (let id = 1; id <= RUNS; id++) record(tracker, id, files);
  }
  await makeHistory(home);
  for (const name of ['gates', 'sweeps']) symlinkSync(join(WORKSPACE_ROOT, name), join(folder, name));
  writeFileSync(join(folder, 'mine.ts'), MINE);
  writeFileSync(join(folder, 'mine.yaml'), JSON.stringify(readRecipe('seed-cnn')));
  writeFileSync(
    join(folder, 'sweep.yaml'),
    'objective: ./mine.ts\nspace: { fails: "0,1,2" }\nsampler: { kind: grid }\nretries: 0\n',
  );
  makeSweeps(home, folder);
  makeTrained(home, folder, data);
  run(home, folder, 'export', '--format=bundle', '--out=runs.sqlite', '--runs=1,2');
  run(home, folder, 'export', '--format=mlflow', '--out=flow', '--runs=1');
  cpSync(join(folder, 'flow/mlflow.db'), join(folder, 'mlflow.db'));
  run(home, folder, 'export', '--format=mlflow-files', '--out=mlruns', '--runs=1');
  return { home, folder, data };
}

/** A folder for PATH whose `npx` runs the program from any folder, `nx run` through what the Nx plugin makes of it. */
export function writeNpx(bin: string, ways: string): void {
  const npx = `#!/bin/sh\nexec "${process.execPath}" "${ways}" "$@"\n`;
  writeFileSync(join(bin, 'npx'), npx);
  for (const opener of ['xdg-open', 'open']) writeFileSync(join(bin, opener), '#!/bin/sh\n');
  for (const name of ['npx', 'xdg-open', 'open']) chmodSync(join(bin, name), 0o755);
}
