import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { configOf, epochsOf, trained } from './tiny-training.ts';

beforeAll(() => openEngine({ name: 'wasm' }));

it('trains on wasm, to the same bits each time, leaving no tensors behind', async () => {
  const config = configOf({ epochs: 6, earlyStopping: { patience: 6 } });
  const before = tf.memory().numTensors;
  const [first, second] = [await trained(config), await trained(config)];
  expect(tf.memory().numTensors).toBe(before);
  expect(second.digest).toBe(first.digest);
  const epochs = epochsOf(first.all);
  expect(epochs.at(-1)!.metrics['train/loss']).toBeLessThan(epochs[0]!.metrics['train/loss'] / 2);
});
