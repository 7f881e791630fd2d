import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../src/checkpoint-file.ts';
import type { TrainEvent } from '../src/events.ts';
import { fit } from '../src/fit.ts';
import type { RawSettings } from '../src/settings.ts';
import type { TrainingState } from '../src/training-state.ts';
import { classifierOf, configOf, digestOf, splits } from './tiny-training.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-checkpoint-'));
  await openEngine({ name: 'cpu' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a training tells but for times, and its weights. */
async function told(settings: RawSettings, from?: TrainingState, abortAt?: number) {
  const config = configOf(settings);
  const classifier = classifierOf(config);
  const controller = new AbortController();
  const states: TrainingState[] = [];
  const numbers: unknown[] = [];
  let last: TrainEvent | undefined;
  for await (const event of fit({ config, classifier, splits, from, signal: controller.signal })) {
    last = event;
    if (event.type === 'checkpoint') states.push(event.state);
    if (event.type === 'step') numbers.push([event.step, event.loss, event.accuracy]);
    if (event.type === 'epoch') {
      numbers.push([event.step, event.epoch, { ...event.metrics, 'train/imagesPerSecond': 0 }]);
    }
    if (event.type === 'step' && event.step === abortAt) controller.abort();
  }
  const digest = await digestOf(classifier);
  classifier.dispose();
  return { states, numbers, digest, last };
}

/** By way of a file. */
function stored(state: TrainingState): TrainingState {
  const path = join(folder, 'stored', 'last.ckpt');
  writeCheckpoint(path, { state, config: { epochs: 3 }, datasetDigest: 'd' });
  const read = readCheckpoint(path);
  expect(read).toEqual({ state, config: { epochs: 3 }, datasetDigest: 'd' });
  expect(readdirSync(join(folder, 'stored'))).toEqual(['last.ckpt']);
  return read.state;
}

describe('a training that goes on', () => {
  it.each<RawSettings>([
    { optimizer: { kind: 'adamw', learningRate: 0.01 }, schedule: { kind: 'one-cycle' } },
    { optimizer: { kind: 'sgd', learningRate: 1 }, earlyStopping: { patience: 2 } },
    { average: { kind: 'ema' }, clipNorm: 0.5, layerRates: { 'block*': 0.1, logits: 0 } },
    { average: { kind: 'lookahead' }, earlyStopping: {}, optimizer: { kind: 'sgd', learningRate: 0.1 } },
    { average: { kind: 'swa', fromEpoch: 2 } },
    { optimizer: { kind: 'momentum' }, reduceOnPlateau: { patience: 1, minDelta: 9, factor: 0.1 } },
  ])('from any checkpoint comes to the same numbers and weights: %j', async (settings) => {
    const asked = { ...settings, epochs: 3, checkpointSteps: 4 };
    const whole = await told(asked);
    expect(whole.states.map(({ progress }) => progress.step)).toEqual([4, 6, 8, 12, 16, 18]);
    const before = tf.memory().numTensors;
    for (const state of whole.states) {
      const rest = await told(asked, stored(state));
      expect(rest.digest).toBe(whole.digest);
      expect(rest.numbers).toEqual(whole.numbers.slice(whole.numbers.length - rest.numbers.length));
      const { probabilities, bestEpoch } = whole.last as TrainEvent & { type: 'finished' };
      expect(rest.last).toMatchObject({ type: 'finished', step: 18, probabilities, bestEpoch });
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([6, 12])(
    'from where it was aborted loses no step, also in the judgement after step %d',
    async (at) => {
      const asked = { epochs: 3 };
      const whole = await told(asked);
      const first = await told(asked, undefined, at);
      expect(first.last).toMatchObject({ type: 'stopped', reason: 'aborted', step: at });
      const rest = await told(asked, stored(first.states.at(-1)!));
      expect([...first.numbers, ...rest.numbers]).toEqual(whole.numbers);
      expect(rest.digest).toBe(whole.digest);
    },
  );
});

describe('a checkpoint file', () => {
  it('is refused wherever it is cut or changed', async () => {
    const { states } = await told({ epochs: 1 });
    const path = join(folder, 'whole.ckpt');
    writeCheckpoint(path, { state: states[0]!, config: {}, datasetDigest: 'd' });
    const bytes = readFileSync(path);
    const refused = (content: Uint8Array): string => {
      writeFileSync(path, content);
      try {
        readCheckpoint(path);
        return 'accepted';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const cuts = [0, 1, 7, 8, 11, 12, 40, bytes.length >> 1, bytes.length - 33, bytes.length - 1];
    const torn = cuts.map((length) => bytes.subarray(0, length));
    const changed = [0, 9, 13, bytes.length >> 1, bytes.length - 1].map((at) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1;
      return copy;
    });
    const all = [...torn, ...changed, Buffer.concat([bytes, Buffer.alloc(1)])];
    expect(new Set(all.map(refused))).toEqual(new Set(['CHECKPOINT_INVALID']));
    expect(refused(bytes)).toBe('accepted');
    expect(() => readCheckpoint(join(folder, 'nowhere'))).toThrow('cannot be read');
  });
});
