import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLASSES } from '../test/tiny-dataset.ts';
import {
  classifierOf,
  configOf,
  digestOf,
  epochsOf,
  events,
  MODEL,
  splits,
  trained,
} from '../test/tiny-training.ts';
import { evaluate } from './evaluate.ts';
import type { TrainEvent } from './events.ts';
import { fit } from './fit.ts';

beforeAll(() => openEngine({ name: 'cpu', home: tmpdir() }));

describe('fit', () => {
  it('learns to tell the classes apart', async () => {
    const { all } = await trained(configOf({ epochs: 8 }));
    const epochs = epochsOf(all);
    expect(all[0]).toEqual({ type: 'started', epochs: 8, stepsPerEpoch: 6 });
    expect(all.at(-1)).toEqual({ type: 'finished', step: 48, bestEpoch: 8 });
    expect(epochs.at(-1)!.metrics['train/loss']).toBeLessThan(epochs[0]!.metrics['train/loss'] / 2);
    expect(epochs.at(-1)!.metrics['val/accuracy']).toBeGreaterThan(0.9);
    expect(epochs[0]!.probabilities).toHaveLength(30 * CLASSES.length);
  });

  it.each([
    { kind: 'adam', learningRate: 0.01 },
    { kind: 'sgd', learningRate: 0.1 },
    { kind: 'momentum', learningRate: 0.05, nesterov: true },
  ])('gives the same weights bit for bit with $kind', async (optimizer) => {
    const config = configOf({ optimizer });
    const [first, second] = [await trained(config), await trained(config)];
    const other = await trained(configOf({ optimizer, seed: 2 }));
    expect(second.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
    const losses = epochsOf(first.all).map(({ metrics }) => metrics['train/loss']);
    expect(losses[1]).toBeLessThan(losses[0]!);
  });

  it('leaves no tensors behind but the weights', async () => {
    for (const kind of ['adam', 'sgd', 'momentum']) {
      const before = tf.memory().numTensors;
      const earlyStopping = { patience: 1 };
      await trained(configOf({ optimizer: { kind }, epochs: 1, earlyStopping }));
      expect([kind, tf.memory().numTensors]).toEqual([kind, before]);
    }
  });

  it('stops early and brings the best weights back', async () => {
    // a rate this high makes the validation loss jump about
    const optimizer = { kind: 'sgd', learningRate: 3 };
    const config = configOf({ optimizer, epochs: 50, earlyStopping: { patience: 2, monitor: 'val/loss' } });
    const classifier = classifierOf(config);
    const all = await events(config, classifier);
    const epochs = epochsOf(all);
    const losses = epochs.map(({ metrics }) => metrics['val/loss']);
    const best = losses.indexOf(Math.min(...losses));
    expect(epochs.length).toBeLessThan(50);
    expect(epochs.length).toBe(best + 3);
    expect(all.at(-2)).toMatchObject({ type: 'stopped', reason: 'early-stopping', epoch: epochs.length });
    expect(all.at(-1)).toMatchObject({ type: 'finished', bestEpoch: best + 1 });
    expect(await evaluate(classifier, splits.val)).toEqual(epochs[best]!.probabilities);
    classifier.dispose();
  });

  it('lowers the learning rate on a plateau, but not below its floor', async () => {
    const reduceOnPlateau = { patience: 1, factor: 0.1, minDelta: 100, minLearningRate: 5e-4 };
    const { all } = await trained(configOf({ epochs: 4, reduceOnPlateau }));
    const rates = epochsOf(all).map(({ metrics }) => metrics['train/learningRate']);
    [0.01, 0.01, 0.001, 5e-4].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 10));
  });

  it('names the step at which the loss left the finite numbers', async () => {
    const optimizer = { kind: 'sgd', learningRate: 1e30 };
    const { all } = await trained(configOf({ optimizer, model: { ...MODEL, batchNorm: false } }));
    const last = all.at(-1)!;
    expect(last).toMatchObject({ type: 'diverged', epoch: 1 });
    if (last.type !== 'diverged') return;
    expect(Number.isFinite(last.loss)).toBe(false);
    expect(last.step).toBeGreaterThan(1);
    expect(last.step).toBeLessThan(7);
    expect(last.advice).toContain('try 0.1)');
  });

  it('ends after the present step when aborted', async () => {
    const config = configOf({ epochs: 1000 });
    const classifier = classifierOf(config);
    const untouched = await digestOf(classifier);
    const controller = new AbortController();
    const all: TrainEvent[] = [];
    for await (const event of fit({ config, classifier, splits, signal: controller.signal })) {
      all.push(event);
      if (event.type === 'epoch') controller.abort();
    }
    expect(all.at(-1)).toEqual({ type: 'stopped', reason: 'aborted', epoch: 2, step: 7 });
    expect(await digestOf(classifier)).not.toBe(untouched);
    classifier.dispose();
  });

  it('refuses a batch larger than the training split', async () => {
    const config = configOf({ batchSize: 121 });
    const classifier = classifierOf(config);
    await expect(events(config, classifier)).rejects.toThrow(
      'batchSize: expected at most the 120 training images, got 121',
    );
    classifier.dispose();
  });
});

describe('evaluate', () => {
  it('gives one distribution per image and leaves no tensors behind', async () => {
    const classifier = classifierOf(configOf());
    const before = tf.memory().numTensors;
    const probabilities = await evaluate(classifier, splits.test);
    expect(tf.memory().numTensors).toBe(before);
    expect(probabilities).toHaveLength(30 * CLASSES.length);
    for (let row = 0; row < 30; row++) {
      const sum = probabilities.subarray(row * 3, row * 3 + 3).reduce((total, p) => total + p, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
    classifier.dispose();
  });
});
