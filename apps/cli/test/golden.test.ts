import { fetchDataset, type Split, splitDataset, type Splits } from '@atelier/data';
import { buildClassifier } from '@atelier/model';
import {
  DEFAULT_RECIPE,
  fit,
  parseConfig,
  readRecipe,
  type TrainConfig,
  type TrainEvent,
} from '@atelier/train';
import { beforeAll, describe, expect, it } from 'vitest';
import { openConfigEngine } from '../src/train/run-setup.ts';
import { atelierHome } from '../src/terminal/home.ts';

/**
 * What the defaults do on the real images. The data is fetched where it is not there yet; where it cannot be had, these
 * tests fail and say what was tried: a golden run that is left out guards nothing.
 */
const DOWNLOAD_MS = 600_000;
/** Seconds on onednn; wasm takes longer. */
const SLOW_MS = 240_000;

/** Of each of the first 20 steps of the default recipe, seed 1, in fp32 on wasm, whose arithmetic is the same on every CPU. */
const LOSSES = [
  ...[3.09117, 2.69289, 2.56639, 2.15304, 2.1108, 1.96229, 1.8325, 1.61064, 1.50842, 1.40546],
  ...[1.33423, 1.18932, 1.05124, 1.08414, 1.04969, 0.9135, 0.9797, 0.86079, 0.71635, 0.95359],
];
/** Rounding differs from engine to engine, and grows with every step: onednn is off by 2e-5 at step 10, 3e-3 at step 20. */
const tolerance = (step: number): number => (step <= 10 ? 1e-3 : 1e-2);

let splits: Splits;
beforeAll(async () => {
  const { dataset } = await fetchDataset('fashion-mnist', { home: atelierHome() });
  splits = splitDataset(dataset, { seed: 1 });
}, DOWNLOAD_MS);

function first(split: Split, count: number): Split {
  return { ...split, count, indices: split.indices.slice(0, count), labels: split.labels.slice(0, count) };
}

/** Trains on the first images and judges by the first 2,000 of validation, until `see` has seen enough. */
async function train(config: TrainConfig, images: number, see: (event: TrainEvent) => boolean) {
  await openConfigEngine(config.engine);
  const { model, seed } = config;
  const classifier = buildClassifier(model, { inputShape: [28, 28, 1], classes: 10, seed });
  const few = { ...splits, train: first(splits.train, images), val: first(splits.val, 2000) };
  try {
    for await (const event of fit({ config, classifier, splits: few })) if (see(event)) break;
  } finally {
    classifier.dispose();
  }
}

describe('golden runs', () => {
  it(
    'the default recipe has the losses it had, step by step',
    async () => {
      const config = parseConfig({ ...readRecipe(DEFAULT_RECIPE), checkpointSteps: 1 });
      const sums = [0];
      await train(config, 60 * config.batchSize, (event) => {
        if (event.type !== 'checkpoint') return false;
        const { totals, window } = event.state.progress;
        sums.push((totals.lossSum + window.lossSum) / config.batchSize);
        return sums.length > 20;
      });
      const losses = sums.slice(1).map((sum, i) => sum - sums[i]!);
      losses.forEach((loss, i) => {
        const off = Math.abs(loss / LOSSES[i]! - 1);
        expect(off, `step ${i + 1}: ${loss}, was ${LOSSES[i]}`).toBeLessThan(tolerance(i + 1));
      });
    },
    SLOW_MS,
  );

  it(
    'quick-cnn learns 10,000 images in two epochs',
    async () => {
      const config = parseConfig({ ...readRecipe('quick-cnn'), epochs: 2 });
      let accuracy = 0;
      await train(config, 10_000, (event) => {
        if (event.type === 'epoch') accuracy = event.metrics['val/accuracy'];
        return false;
      });
      expect(accuracy).toBeGreaterThan(0.8);
    },
    SLOW_MS,
  );
});
