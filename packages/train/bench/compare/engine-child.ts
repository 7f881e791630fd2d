/**
 * The seed CNN's real training step and inference on one engine, driven by lines on stdin: "train K" or "infer K" runs K
 * steps and answers {"seconds": s}; "limits" answers what the native engine's time goes to, and what the machine can do.
 */
import { loadDataset, splitDataset } from '@atelier/data';
import { captureStep, openEngine, type EngineName, type Precision, type StepInput } from '@atelier/engine';
import { buildClassifier } from '@atelier/model';
import type * as tf from '@tensorflow/tfjs-core';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readRecipe } from '../../src/recipe.ts';
import { parseConfig } from '../../src/settings.ts';
import { stepBatches, type StepBatch } from '../../src/step-batches.ts';
import { TrainStep } from '../../src/train-step.ts';
import { NativeMeter } from './native-meter.ts';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    precision: { type: 'string', default: 'fp32' },
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '128' },
    'inference-batch': { type: 'string', default: '500' },
    home: { type: 'string' },
  },
});

/** The first batches of the training split, in memory of their own. */
function copied(split: Parameters<typeof stepBatches>[0], batchSize: number, count: number): StepBatch[] {
  const list: StepBatch[] = [];
  const own = ({ values, shape }: StepInput): StepInput => ({ values: values.slice(), shape });
  for (const batch of stepBatches(split, { batchSize })) {
    list.push({ images: own(batch.images), labels: own(batch.labels), count: batch.count });
    if (list.length === count) break;
  }
  return list;
}

const answer = (value: object): void => console.log(JSON.stringify(value));

const home = flags.home!;
const config = parseConfig(readRecipe('seed-cnn'));
const engine = await openEngine({
  name: flags.engine as EngineName,
  precision: flags.precision as Precision,
  threads: Number(flags.threads),
});
const { train: split } = splitDataset(await loadDataset(config.data.dataset, { home }), { seed: 1 });
const [trainBatches, inferBatches] = [
  copied(split, Number(flags.batch), 16),
  copied(split, Number(flags['inference-batch']), 4),
];
const classifier = buildClassifier(config.model, { inputShape: [28, 28, 1], classes: 10, seed: 1 });
const meter = engine.name === 'onednn' ? new NativeMeter() : undefined;
const trainStep = new TrainStep(classifier, config);
meter?.stop();
const inferStep = captureStep(({ images }) => ({
  probabilities: classifier.model.apply(images!, { training: false }) as tf.Tensor,
}));

let at = 0;
async function train(steps: number): Promise<number> {
  let loss = NaN;
  for (let i = 0; i < steps; i++) {
    at++;
    loss = (
      await trainStep.run(trainBatches[at % trainBatches.length]!, {
        step: at,
        stepsPerEpoch: 1,
        learningRate: 0.001,
      })
    ).loss;
  }
  return loss;
}

async function infer(steps: number): Promise<void> {
  for (let i = 0; i < steps; i++)
    await inferStep.run({ images: inferBatches[i % inferBatches.length]!.images });
}

meter?.record();
const firstLoss = await train(1);
meter?.stopRecording();
await infer(1);
const { version, threads, arithmetic } = engine;
answer({ ready: true, version: `${version}, ${arithmetic}`, threads, firstLoss });
for await (const line of createInterface({ input: process.stdin })) {
  const [what, steps] = line.split(' ');
  if (what === 'limits') {
    answer(meter ? { limits: await meter.limits(() => train(50), 50) } : {});
    continue;
  }
  const since = performance.now();
  const loss = what === 'train' ? await train(Number(steps)) : await infer(Number(steps));
  answer({ seconds: (performance.now() - since) / 1000, loss });
}
process.exit(0);
