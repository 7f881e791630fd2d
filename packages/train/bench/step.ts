/**
 * Times the training step that `fit` runs, for the seed CNN on images of noise: batch 128, Adam.
 *
 *   npx tsx packages/train/bench/step.ts [--engine=auto] [--threads=2] [--precision=fp32] [--steps=10] [--runs=3]
 *                                        [--batch=128] [--set model.batchNorm=false] [--kernels] [--json]
 *
 * `ATELIER_HOME` says where native libraries lie. --kernels adds milliseconds a step by kernel, for engines that run
 * op by op. `held` is what was held before and after the timed steps: --runs=10 --steps=100 shows whether anything grows.
 */
import { randomStream } from '@atelier/data';
import { openEngine, type EngineName } from '@atelier/engine';
import { buildClassifier } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { readRecipe } from '../src/recipe.ts';
import { parseAssignment, parseConfig, withSetting } from '../src/settings.ts';
import type { StepBatch } from '../src/step-batches.ts';
import { TrainStep } from '../src/train-step.ts';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: '2' },
    precision: { type: 'string', default: 'fp32' },
    steps: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    batch: { type: 'string', default: '128' },
    set: { type: 'string', multiple: true, default: [] },
    kernels: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const settings = flags.set.reduce(
  (all, text) => withSetting(all, ...parseAssignment(text)),
  readRecipe('seed-cnn'),
);
const config = parseConfig(settings);
const engine = await openEngine({
  name: flags.engine as EngineName | 'auto',
  threads: Number(flags.threads),
  precision: flags.precision as 'fp32' | 'bf16',
});
const SIDE = 28;
const classifier = buildClassifier(config.model, { inputShape: [SIDE, SIDE, 1], classes: 10, seed: 1 });
const trainStep = new TrainStep(classifier, config);
const count = Number(flags.batch);
const random = randomStream(1, 'bench');
const batch: StepBatch = {
  images: {
    values: Float32Array.from({ length: count * SIDE * SIDE }, () => random.uniform()),
    shape: [count, SIDE, SIDE, 1],
  },
  labels: { values: Int32Array.from({ length: count }, () => random.below(10)), shape: [count] },
  count,
};
let at = 0;
const step = () => trainStep.run(batch, { step: ++at, stepsPerEpoch: 1, learningRate: 0.001 });

/** Milliseconds by kernel, each call timed apart. */
async function kernelTimes(steps: number): Promise<[name: string, ms: number][]> {
  const spent = new Map<string, number>();
  for (const kernel of tf.getKernelsForBackend(tf.getBackend())) {
    tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    const kernelFunc: tf.KernelFunc = (call) => {
      const since = performance.now();
      const out = kernel.kernelFunc(call);
      spent.set(kernel.kernelName, (spent.get(kernel.kernelName) ?? 0) + performance.now() - since);
      return out;
    };
    tf.registerKernel({ ...kernel, kernelFunc });
  }
  const since = performance.now();
  for (let i = 0; i < steps; i++) await step();
  const sum = [...spent.values()].reduce((a, b) => a + b, 0);
  spent.set('(all else)', performance.now() - since - sum);
  return [...spent].map(([name, ms]) => [name, ms / steps] as [string, number]).sort((a, b) => b[1] - a[1]);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

const held = () => ({
  tensors: tf.memory().numTensors,
  residentMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
});

for (let i = 0; i < 3; i++) await step();
const before = held();
const [steps, runs] = [Number(flags.steps), Number(flags.runs)];
const stepMs: number[] = [];
const since = process.cpuUsage();
for (let run = 0; run < runs; run++) {
  const began = performance.now();
  for (let i = 0; i < steps; i++) await step();
  stepMs.push((performance.now() - began) / steps);
}
const used = process.cpuUsage(since);
const after = held();
const kernels = flags.kernels ? await kernelTimes(steps) : [];
const result = {
  benchmark: 'train-step',
  engine: engine.name,
  version: engine.version,
  threads: engine.threads,
  precision: engine.precision,
  batch: count,
  machine: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  imagesPerSecond: (count * 1000) / median(stepMs),
  stepMs: median(stepMs),
  cpuMs: (used.user + used.system) / 1000 / (steps * runs),
  stepMsOfRuns: stepMs,
  held: { before, after, peakResidentMb: Math.round(process.resourceUsage().maxRSS / 1024) },
};
if (flags.json) console.log(JSON.stringify({ ...result, kernelMs: Object.fromEntries(kernels) }));
else {
  console.log(result);
  for (const [name, ms] of kernels) console.log(name.padEnd(40), ms.toFixed(2).padStart(9), 'ms');
}
