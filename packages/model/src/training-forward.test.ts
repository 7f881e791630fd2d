import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import {
  initializers,
  input,
  layers,
  model as connectModel,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildClassifier } from './classifier.ts';
import { parseModelSpec } from './spec.ts';
import { loadModel, saveModel } from './storage.ts';
import { trainingForward, type TrainingForward } from './training-forward.ts';

beforeAll(() => openEngine({ name: 'cpu' }));

const SPECS = [
  {},
  { pooling: 'before-norm' },
  { batchNorm: false },
  { activation: 'tanh' },
  { blockDropout: [0, 0], denseDropout: [0] },
];

const build = (change: object = {}) =>
  buildClassifier(
    parseModelSpec({
      ...{ kind: 'seed-cnn', filters: [3, 4], blockDropout: [0.25, 0.5], dense: [6], denseDropout: [0.5] },
      ...change,
    }),
    { inputShape: [9, 8, 1], classes: 3, seed: 7 },
  );

/** A step at which averages without bias are the plain ones of standard layers. */
const FAR = 100_000;

/** Loss, gradients by parameter, and all weights afterwards (the moving averages have moved). */
function step(model: LayersModel, logits: (images: tf.Tensor) => tf.Tensor): number[][] {
  return tf.tidy(() => {
    const images = tf.randomUniform([6, 9, 8, 1], 0, 1, 'float32', 3);
    const parameters = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const weights = tf.randomNormal([6, 3], 0, 1, 'float32', 5);
    const { value, grads } = tf.variableGrads(
      () => tf.sum(tf.mul(tf.square(logits(images)), weights)) as tf.Scalar,
      parameters,
    );
    const gradients = parameters.map(({ name }) => grads[name]!);
    return [value, ...gradients, ...model.getWeights()].map((tensor) => [...tensor.dataSync()]);
  });
}

/** The pass with the keys of a step. */
function applied(forward: TrainingForward, images: tf.Tensor, at: number): tf.Tensor {
  const inputs = Object.entries(forward.inputsAt(at)).map(([name, { values }]) => [
    name,
    tf.tensor1d(values, values instanceof Int32Array ? 'int32' : 'float32'),
  ]);
  return forward.apply(images, Object.fromEntries(inputs));
}

function expectClose(ours: number[][], expected: number[][]): void {
  expect(ours.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  expected.forEach((numbers, i) => {
    const scale = Math.max(...numbers.map(Math.abs), 1e-3);
    numbers.forEach((number, j) => expect((ours[i]![j]! - number) / scale).toBeCloseTo(0, 4));
  });
}

describe('the training pass', () => {
  it.each(SPECS)('computes, learns and averages like the layers of %j', (change) => {
    const [layered, fused] = [build(change), build(change)];
    layered.setStep(5);
    const expected = step(layered.model, (x) => layered.logits.apply(x, { training: true }) as tf.Tensor);
    const forward = trainingForward(fused.logits);
    expectClose(
      step(fused.model, (x) => applied(forward, x, 5)),
      expected,
    );
    layered.dispose();
    fused.dispose();
  });

  it('takes a key for each dropout layer and step, and a rate for its moving averages', () => {
    const classifier = build();
    const forward = trainingForward(classifier.logits);
    const dropouts = ['block1_dropout', 'block2_dropout', 'dense1_dropout'].map((name) => `dropout/${name}`);
    expect(Object.keys(forward.inputsAt(1))).toEqual([...dropouts, 'averages/0.99']);
    const inputs = [1, 2].flatMap((at) => Object.values(forward.inputsAt(at)));
    expect(new Set(inputs.map(({ values }) => values.join())).size).toBe(8);
    expect(() => forward.apply(tf.ones([1, 9, 8, 1]), {})).toThrow("not given 'averages/0.99'");
    classifier.dispose();
  });

  it('trains a model that was loaded, standard layers and all, like its layers do', async () => {
    const classifier = build({ blockDropout: [0, 0], denseDropout: [0] });
    const files = await saveModel(classifier.logits);
    const [layered, fused] = [await loadModel(files), await loadModel(files)];
    const forward = trainingForward(fused);
    expectClose(
      step(fused, (x) => applied(forward, x, FAR)),
      step(layered, (x) => layered.apply(x, { training: true }) as tf.Tensor),
    );
    for (const model of [classifier, layered, fused]) model.dispose();
  });

  it('computes values that two layers take once, and fuses nothing that somebody else sees', () => {
    const connect = (): LayersModel => {
      const images = input({ shape: [9, 8, 1] });
      const kernelInitializer = initializers.glorotUniform({ seed: 1 });
      const shape = { filters: 4, kernelSize: 3, padding: 'same' } as const;
      const conv = layers.conv2d({ ...shape, activation: 'relu', kernelInitializer });
      const seen = conv.apply(images) as SymbolicTensor;
      const normed = layers.batchNormalization().apply(seen) as SymbolicTensor;
      const joined = layers.add().apply([seen, normed]) as SymbolicTensor;
      const active = layers.reLU().apply(joined) as SymbolicTensor;
      const second = layers.batchNormalization({ momentum: 0.8 }).apply(active);
      const flat = layers.flatten().apply(layers.reLU().apply(second) as SymbolicTensor);
      const dense = layers
        .dense({ units: 3, useBias: false, kernelInitializer })
        .apply(flat) as SymbolicTensor;
      return connectModel({ inputs: images, outputs: dense });
    };
    const [layered, fused] = [connect(), connect()];
    const forward = trainingForward(fused);
    expectClose(
      step(fused, (x) => applied(forward, x, FAR)),
      step(layered, (x) => layered.apply(x, { training: true }) as tf.Tensor),
    );
    layered.dispose();
    fused.dispose();
  });

  it('averages batch statistics without bias from the first step on', () => {
    const images = input({ shape: [2, 3, 1] });
    const normed = layers.batchNormalization().apply(images) as SymbolicTensor;
    const model = connectModel({
      inputs: images,
      outputs: layers.flatten().apply(normed) as SymbolicTensor,
    });
    const forward = trainingForward(model);
    const batches = [
      [1, 2, 3, 4, 5, 6],
      [20, 20, 20, 20, 20, 26],
      [7, 0, 0, 0, 0, 0],
    ];
    batches.forEach((values, i) => tf.tidy(() => applied(forward, tf.tensor(values, [1, 2, 3, 1]), i + 1)));
    // 0.99^(t - i), divided by their sum
    const weights = [0.9801, 0.99, 1].map((weight) => weight / 2.9701);
    const [means, variances] = [
      [3.5, 21, 7 / 6],
      [35 / 12, 5, 49 / 6 - 49 / 36],
    ];
    const [mean, variance] = [means, variances].map((of) =>
      of.reduce((sum, x, i) => sum + x * weights[i]!, 0),
    );
    const [, , moving, spread] = model.getWeights().map((weight) => weight.dataSync()[0]!);
    expect(moving).toBeCloseTo(mean!, 5);
    expect(spread).toBeCloseTo(variance!, 5);
    model.dispose();
  });

  it('leaves no tensors behind', () => {
    const classifier = build();
    const forward = trainingForward(classifier.logits);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) step(classifier.model, (x) => applied(forward, x, i));
    expect(tf.memory().numTensors).toBe(before);
    classifier.dispose();
  });
});
