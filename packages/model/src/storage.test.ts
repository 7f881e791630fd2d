import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClassifier, type Classifier } from './classifier.ts';
import { parseModelSpec } from './spec.ts';
import { loadModel, saveModel, writeModel } from './storage.ts';

const PLAIN_READER = fileURLToPath(new URL('../test/plain-reader.mjs', import.meta.url));
let folder: string;
let classifier: Classifier;
let images: tf.Tensor;

beforeAll(async () => {
  await openEngine({ name: 'cpu' });
  folder = mkdtempSync(join(tmpdir(), 'atelier-model-'));
  const spec = parseModelSpec({ kind: 'seed-cnn', filters: [3, 4], blockDropout: [0.25, 0.5] });
  classifier = buildClassifier(spec, { inputShape: [8, 8, 1], classes: 3, seed: 1 });
  images = tf.randomUniform([5, 8, 8, 1], 0, 1, 'float32', 1);
  // moving averages that differ from their initial values
  tf.dispose(classifier.logits.apply(images, { training: true }) as tf.Tensor);
});
afterAll(() => {
  classifier.dispose();
  images.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function predict(model: { predict(x: tf.Tensor): tf.Tensor | tf.Tensor[] }): number[] {
  return tf.tidy(() => [...(model.predict(images) as tf.Tensor).dataSync()]);
}

describe('a saved model', () => {
  it('comes back with the same predictions, from memory and from a folder', async () => {
    const before = tf.memory().numTensors;
    await writeModel(classifier.model, folder);
    for (const source of [folder, await saveModel(classifier.model)]) {
      const loaded = await loadModel(source);
      expect(predict(loaded)).toEqual(predict(classifier.model));
      loaded.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is opened by plain TensorFlow.js in another process, with the same predictions', async () => {
    await writeModel(classifier.model, folder);
    const input = JSON.stringify({ folder, shape: images.shape, images: [...images.dataSync()] });
    const output = execFileSync(process.execPath, [PLAIN_READER], {
      input,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    expect(JSON.parse(output.toString())).toEqual(predict(classifier.model));
  });

  it.each([
    ['weights.bin', new Uint8Array(12), /weights.bin: expected \d+ bytes, got 12/],
    ['model.json', new TextEncoder().encode('{'), 'model.json: is not JSON'],
  ] as const)('is refused with a damaged %s', async (path, bytes, message) => {
    const files = (await saveModel(classifier.model)).map((file) =>
      file.path === path ? { path, bytes } : file,
    );
    await expect(loadModel(files)).rejects.toThrow(message);
  });

  it('is refused where a file is missing', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    writeFileSync(join(empty, 'model.json'), '{}');
    await expect(loadModel(empty)).rejects.toThrow('weights.bin: cannot be read');
    await expect(loadModel([])).rejects.toThrow('model.json: missing from the saved model');
  });
});
