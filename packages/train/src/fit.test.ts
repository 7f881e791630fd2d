import { viewed } from '@atelier/data';
import { openEngine, type StepCapturer } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
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
import { evaluate, evaluateViews } from './evaluate.ts';
import type { TrainEvent } from './events.ts';
import { sizedFor } from './batch-size.ts';
import { fit } from './fit.ts';
import type { RawSettings } from './settings.ts';

beforeAll(() => openEngine({ name: 'cpu' }));

describe('fit', () => {
  it('learns to tell the classes apart', async () => {
    const { all } = await trained(configOf({ epochs: 8 }));
    const epochs = epochsOf(all);
    expect(all[0]).toEqual({ type: 'started', epochs: 8, stepsPerEpoch: 6 });
    expect(all.at(-1)).toMatchObject({ type: 'finished', step: 48, bestEpoch: 8 });
    expect(epochs.at(-1)!.metrics['train/loss']).toBeLessThan(epochs[0]!.metrics['train/loss'] / 2);
    expect(epochs.at(-1)!.metrics['val/accuracy']).toBeGreaterThan(0.9);
    expect(epochs[0]!.probabilities).toHaveLength(30 * CLASSES.length);
  });

  it.each([
    { kind: 'adam', learningRate: 0.01 },
    { kind: 'adamw', learningRate: 0.01, weightDecay: 0.05 },
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
    for (const kind of ['adam', 'adamw', 'sgd', 'momentum']) {
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
    const { probabilities } = epochs[best]!;
    expect(all.at(-1)).toMatchObject({ type: 'finished', bestEpoch: best + 1, probabilities });
    expect(await evaluate(classifier, splits.val)).toEqual(epochs[best]!.probabilities);
    classifier.dispose();
  });

  it('lowers the learning rate on a plateau, but not below its floor', async () => {
    const reduceOnPlateau = { patience: 1, factor: 0.1, minDelta: 100, minLearningRate: 5e-4 };
    const { all } = await trained(configOf({ epochs: 4, reduceOnPlateau }));
    const rates = epochsOf(all).map(({ metrics }) => metrics['train/learningRate']);
    [0.01, 0.01, 0.001, 5e-4].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 10));
  });

  it('moves the learning rate by the schedule, and a plateau lowers it further', async () => {
    const schedule = { kind: 'cosine', warmupEpochs: 1, finalFactor: 0.5 };
    const reduceOnPlateau = { patience: 1, factor: 0.1, minDelta: 100 };
    const rates = async (settings: RawSettings): Promise<number[]> =>
      epochsOf((await trained(configOf({ epochs: 3, schedule, ...settings }))).all).map(
        ({ metrics }) => metrics['train/learningRate'],
      );
    // six steps an epoch: the last of the first epoch has warmed up, the last of all has half the rate
    const [plain, plateau] = [await rates({}), await rates({ reduceOnPlateau })];
    const middle = 0.01 * (0.5 + 0.25 * (1 + Math.cos((Math.PI * 5) / 11)));
    [0.01, middle, 0.005].forEach((rate, i) => expect(plain[i]).toBeCloseTo(rate, 10));
    [0.01, middle, 0.0005].forEach((rate, i) => expect(plateau[i]).toBeCloseTo(rate, 10));
  });

  it('takes the loss with smoothed labels', async () => {
    const lossOf = async (labelSmoothing: number): Promise<number> => {
      const { all } = await trained(configOf({ labelSmoothing, epochs: 8 }));
      return epochsOf(all).at(-1)!.metrics['train/loss'];
    };
    // with three classes and a smoothing of 0.3, no prediction has a loss below the entropy of [0.8, 0.1, 0.1]
    const least = -(0.8 * Math.log(0.8) + 0.2 * Math.log(0.1));
    expect(await lossOf(0.3)).toBeGreaterThan(least);
    expect(await lossOf(0)).toBeLessThan(least);
  });

  it('runs its steps as the engine captures them', async () => {
    const backend = tf.backend() as Partial<StepCapturer>;
    const names = new Set<string>();
    let bodies = 0;
    backend.captureStep = (body) => {
      bodies++;
      return {
        captured: true,
        run: async (inputs) => {
          Object.keys(inputs).forEach((name) => names.add(name));
          const outputs = tf.tidy(
            () =>
              body(
                Object.fromEntries(
                  Object.entries(inputs).map(([name, { values, shape }]) => [
                    name,
                    tf.tensor(values, [...shape]),
                  ]),
                ),
              ) as tf.NamedTensorMap,
          );
          const read = Object.entries(outputs).map(
            ([name, tensor]) => [name, tensor.dataSync().slice()] as const,
          );
          tf.dispose(outputs);
          return Object.fromEntries(read) as Record<string, Float32Array>;
        },
        dispose: () => {},
      };
    };
    try {
      const captured = await trained(configOf({ epochs: 2 }));
      // one step, and one evaluation an epoch
      expect(bodies).toBe(3);
      expect([...names].sort()).toEqual([
        ...['averages/0.99', 'dropout/block1_dropout', 'dropout/dense1_dropout', 'hyper', 'images', 'labels'],
      ]);
      delete backend.captureStep;
      expect((await trained(configOf({ epochs: 2 }))).digest).toBe(captured.digest);
    } finally {
      delete backend.captureStep;
    }
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

  it('takes a batch that gives 8 steps an epoch where one is larger than the split', async () => {
    const [larger, all] = [
      await trained(configOf({ batchSize: 1000 })),
      await trained(configOf({ batchSize: 8 })),
    ];
    expect(larger.all[0]).toEqual({ type: 'started', epochs: 2, stepsPerEpoch: 15 });
    expect(larger.digest).toBe(all.digest);
    expect(sizedFor(configOf({ batchSize: 1000 }), splits)).toMatchObject({
      batchSize: 8,
      data: { validation: 30 },
    });
  });
});

describe('evaluate', () => {
  it('gives the mean over the views asked for, and the image alone without', async () => {
    const classifier = classifierOf(configOf());
    const mirrored = viewed(splits.test, { mirrored: true, shift: 0 });
    const [plain, mirror] = [await evaluate(classifier, splits.test), await evaluate(classifier, mirrored)];
    const mean = await evaluateViews(classifier, splits.test, { flip: true, shift: 0 });
    expect(mirror).not.toEqual(plain);
    mean.forEach((p, i) => expect(p).toBeCloseTo((plain[i]! + mirror[i]!) / 2, 6));
    expect(await evaluateViews(classifier, splits.test, null)).toEqual(plain);
    classifier.dispose();
  });

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
