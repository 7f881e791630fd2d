/**
 * What recording costs a training: blocks of steps of the seed CNN (batch 128, Adam, images of noise) with every step logged
 * to a run, and without, in turn.
 *
 *   npx tsx packages/train/bench/tracking.ts [--engine=auto] [--threads=2] [--pairs=20] [--steps=40] [--json]
 *
 * A pair is one block with and one without, in random order; the difference of a pair is free of slow drifts of the machine. Each
 * block ends with its numbers stored, so the background thread's work is inside. `ATELIER_HOME` says where native libraries lie.
 */
import { randomStream } from '@atelier/data';
import { openEngine, type EngineName } from '@atelier/engine';
import { buildClassifier } from '@atelier/model';
import { openTracker } from '@atelier/tracker';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readRecipe } from '../src/recipe.ts';
import { parseConfig } from '../src/settings.ts';
import type { StepBatch } from '../src/step-batches.ts';
import { TrainStep } from '../src/train-step.ts';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: '2' },
    pairs: { type: 'string', default: '20' },
    steps: { type: 'string', default: '40' },
    json: { type: 'boolean', default: false },
  },
});
const [pairs, steps] = [Number(flags.pairs), Number(flags.steps)];
const home = resolve(import.meta.dirname, '../../..', process.env['ATELIER_HOME'] || '.atelier');
const config = parseConfig(readRecipe('seed-cnn'));
const engine = await openEngine({
  name: flags.engine as EngineName | 'auto',
  threads: Number(flags.threads),
  home,
});
const [SIDE, COUNT] = [28, 128];
const classifier = buildClassifier(config.model, { inputShape: [SIDE, SIDE, 1], classes: 10, seed: 1 });
const trainStep = new TrainStep(classifier, config);
const random = randomStream(1, 'bench');
const batch: StepBatch = {
  images: {
    values: Float32Array.from({ length: COUNT * SIDE * SIDE }, () => random.uniform()),
    shape: [COUNT, SIDE, SIDE, 1],
  },
  labels: { values: Int32Array.from({ length: COUNT }, () => random.below(10)), shape: [COUNT] },
  count: COUNT,
};

const records = mkdtempSync(join(tmpdir(), 'atelier-tracking-'));
const tracker = openTracker({ home: records });
const run = tracker.startRun({ project: 'bench', capture: { system: true } });
let at = 0;

/** Milliseconds a step. */
async function block(logged: boolean): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < steps; i++) {
    const { loss, correct } = await trainStep.run(batch, ++at, 0.001);
    if (!logged) continue;
    const accuracy = correct / COUNT;
    run.log({ 'train/loss': loss, 'train/accuracy': accuracy, 'train/imagesPerSecond': at }, { step: at });
  }
  if (logged && !run.flush()) throw new Error('not stored');
  return (performance.now() - began) / steps;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

await block(true);
await block(false);
const differences: number[] = [];
const without: number[] = [];
for (let pair = 0; pair < pairs; pair++) {
  const first = random.below(2) === 1;
  const [one, two] = [await block(first), await block(!first)];
  const [on, off] = first ? [one, two] : [two, one];
  differences.push((100 * (on - off)) / off);
  without.push(off);
}
run.finish();
tracker.close();
rmSync(records, { recursive: true, force: true });

const slower = mean(differences);
const spread = Math.sqrt(mean(differences.map((each) => (each - slower) ** 2)) / (pairs - 1));
const result = {
  benchmark: 'tracking',
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  engine: engine.name,
  threads: engine.threads,
  pairs,
  steps,
  stepMs: mean(without),
  /** Percent that logging makes a step slower: mean, its standard error, and the median of the pairs. */
  slowerPercent: slower,
  standardError: spread,
  medianPercent: differences.toSorted((a, b) => a - b)[pairs >> 1],
};
console.log(flags.json ? JSON.stringify(result) : result);
