/**
 * Long training of the seed CNN on the real images: does anything grow, and are two runs the same to the bit?
 *
 *   npx tsx packages/train/bench/endurance.ts [--engine=onednn] [--threads=1,2] [--steps=1000] [--short] [--json]
 *
 * Trains twice on each number of threads, from the same seed; prints tensors, their bytes and resident memory every tenth of
 * the way, and the SHA-256 of all weights (moving averages included) at the end. Each training is a process of its own.
 * Fails where two runs of one number of threads differ, where tensors grow, or where resident memory grows by more than
 * 16 MB after the first fifth. --short trains 100 steps.
 */
import { loadDataset, randomStream, splitDataset } from '@atelier/data';
import { openEngine, type EngineName } from '@atelier/engine';
import { buildClassifier } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readRecipe } from '../src/recipe.ts';
import { parseConfig } from '../src/settings.ts';
import { stepBatches } from '../src/step-batches.ts';
import { TrainStep } from '../src/train-step.ts';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onednn' },
    threads: { type: 'string', default: '1,2' },
    steps: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
  },
});
const steps = Number(flags.steps ?? (flags.short ? 100 : 1000));

interface Point {
  readonly step: number;
  readonly loss: number;
  readonly tensors: number;
  readonly tensorMegabytes: number;
  readonly residentMegabytes: number;
}

interface Training {
  readonly threads: number;
  readonly points: readonly Point[];
  readonly seconds: number;
  readonly peakResidentMegabytes: number;
  readonly sha256: string;
}

const megabytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;

async function training(threads: number): Promise<Training> {
  const home = resolve(import.meta.dirname, '../../..', process.env['ATELIER_HOME'] || '.atelier');
  const config = parseConfig(readRecipe('seed-cnn'));
  await openEngine({ name: flags.engine as EngineName, threads });
  const { train } = splitDataset(await loadDataset(config.data.dataset, { home }), { seed: 1 });
  const classifier = buildClassifier(config.model, { inputShape: [28, 28, 1], classes: 10, seed: 1 });
  const trainStep = new TrainStep(classifier, config);
  const points: Point[] = [];
  const since = performance.now();
  let step = 0;
  for (let epoch = 1; step < steps; epoch++) {
    for (const batch of stepBatches(train, { batchSize: 128, shuffle: randomStream(1, 'order', epoch) })) {
      const { loss } = await trainStep.run(batch, { step: ++step, stepsPerEpoch: 1, learningRate: 0.001 });
      if (step % Math.ceil(steps / 10) === 0)
        points.push({
          ...{ step, loss, tensors: tf.memory().numTensors },
          tensorMegabytes: megabytes(tf.memory().numBytes),
          residentMegabytes: megabytes(process.memoryUsage.rss()),
        });
      if (step === steps) break;
    }
  }
  const hash = createHash('sha256');
  for (const weight of classifier.model.getWeights())
    hash.update(new Uint8Array((await weight.data()).slice().buffer));
  return {
    ...{ threads, points, seconds: (performance.now() - since) / 1000, sha256: hash.digest('hex') },
    peakResidentMegabytes: megabytes(process.resourceUsage().maxRSS * 1024),
  };
}

function inProcess(threads: number): Training {
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--child', `--engine=${flags.engine}`];
  const more = [`--threads=${threads}`, `--steps=${steps}`];
  return JSON.parse(execFileSync(process.execPath, [...args, ...more], { encoding: 'utf8' })) as Training;
}

function print({ threads, points, seconds, peakResidentMegabytes, sha256 }: Training): void {
  console.log(
    `\n${threads} threads: ${seconds.toFixed(1)} s, peak resident ${peakResidentMegabytes} MB, weights ${sha256}`,
  );
  for (const point of points)
    console.log(
      `  step ${String(point.step).padStart(5)}  loss ${point.loss.toFixed(4)}  ${point.tensors} tensors, ` +
        `${point.tensorMegabytes} MB; resident ${point.residentMegabytes} MB`,
    );
}

/** What is wrong with two trainings that should be one. */
function faults([a, b]: readonly [Training, Training]): string[] {
  const found: string[] = [];
  if (a.sha256 !== b.sha256) found.push(`${a.threads} threads: two runs gave different weights`);
  for (const { points } of [a, b]) {
    // the shorter batch at the end of an epoch is recorded once too: what counts is the half after it
    const half = points.slice(points.length >> 1);
    const [early, late] = [half[0]!, half.at(-1)!];
    if (new Set(half.map(({ tensors }) => tensors)).size > 1) found.push('the number of tensors changes');
    const grown = late.residentMegabytes - early.residentMegabytes;
    if (grown > 16)
      found.push(`resident memory grew by ${grown.toFixed(1)} MB from step ${early.step} to ${late.step}`);
  }
  return found;
}

if (flags.child) console.log(JSON.stringify(await training(Number(flags.threads))));
else {
  const pairs = flags.threads.split(',').map((threads) => {
    const pair = [inProcess(Number(threads)), inProcess(Number(threads))] as const;
    if (!flags.json) pair.forEach(print);
    return pair;
  });
  const wrong = pairs.flatMap(faults);
  const digests = new Set(pairs.flat().map(({ sha256 }) => sha256));
  if (flags.json)
    console.log(
      JSON.stringify({
        benchmark: 'endurance',
        engine: flags.engine,
        machine: cpus()[0]?.model,
        pairs,
        wrong,
      }),
    );
  else {
    console.log(
      digests.size === 1
        ? '\nthe same weights on every number of threads'
        : '\nthe number of threads decides the last bits',
    );
    for (const one of wrong) console.log(`FAILED ${one}`);
  }
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
