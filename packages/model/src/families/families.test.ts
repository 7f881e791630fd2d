import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildClassifier, type Classifier } from '../classifier.ts';
import { MODEL_KINDS, parseModelSpec, type ModelSpec } from '../spec.ts';
import { loadModel, saveModel } from '../storage.ts';
import { summarizeModel } from '../summary.ts';
import { trainingForward, type TrainingForward } from '../training-forward.ts';

beforeAll(() => openEngine({ name: 'cpu' }));

/** Small ones, with everything that a family has switched on. */
const TINY = {
  'seed-cnn': { filters: [3, 4], blockDropout: [0, 0.2], dense: [6], denseDropout: [0.2] },
  airbench: { widths: [6, 8], depth: 3 },
  efficientnet: {
    ...{ stem: 8, head: 8, dropout: 0.1, stochasticDepth: 0.3 },
    stages: [
      { expand: 1, channels: 8, repeats: 1, strides: 1 },
      { expand: 2, channels: 8, repeats: 2, strides: 2 },
    ],
  },
  mlp: { units: [7, 5] },
  resnet: { depth: 8, widen: 0.25, dropout: 0.1, stochasticDepth: 0.3 },
  vit: { width: 8, heads: 2, depth: 2, convolutions: 1, stochasticDepth: 0.3, dropout: 0.1 },
} satisfies Record<ModelSpec['kind'], object>;

const VARIANTS: Record<string, unknown>[] = [
  ...MODEL_KINDS.map((kind) => ({ kind, ...TINY[kind] })),
  { kind: 'resnet', ...TINY.resnet, block: 'preact' },
  { kind: 'vit', ...TINY.vit, tokenizer: 'patch', patch: 4, pooling: 'mean' },
  { kind: 'efficientnet', ...TINY.efficientnet, squeeze: 0 },
];

const CONTEXT = { inputShape: [8, 8, 1], classes: 3, seed: 5 } as const;
const build = (settings: object): Classifier => buildClassifier(parseModelSpec(settings), CONTEXT);

const LABELS = [0, 1, 2, 0, 1, 2];
const images = (): tf.Tensor4D => tf.randomUniform([LABELS.length, 8, 8, 1], 0, 1, 'float32', 3);

function inputsAt(forward: TrainingForward, step: number): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(forward.inputsAt(step)).map(([name, { values }]) => [
      name,
      tf.tensor1d(values, values instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  );
}

function lossOf(forward: TrainingForward, step: number): tf.Scalar {
  const logits = forward.apply(images(), inputsAt(forward, step));
  return tf.losses.softmaxCrossEntropy(tf.oneHot(LABELS, 3), logits) as tf.Scalar;
}

/** The derivative along the gradient, by central differences, over what the gradient says: 1 where both are right. */
function slopeRatio(forward: TrainingForward): number {
  return tf.tidy(() => {
    const { grads } = tf.variableGrads(() => lossOf(forward, 1), [...forward.parameters]);
    const squared = forward.parameters.reduce(
      (sum, { name }) => sum + tf.sum(tf.square(grads[name]!)).dataSync()[0]!,
      0,
    );
    const along = 1e-3 / Math.sqrt(squared);
    const move = (by: number): void =>
      forward.parameters.forEach((each) => each.assign(tf.add(each, tf.mul(grads[each.name]!, by))));
    move(along);
    const above = lossOf(forward, 1).dataSync()[0]!;
    move(-2 * along);
    const below = lossOf(forward, 1).dataSync()[0]!;
    return (above - below) / (2 * along) / squared;
  });
}

/** Probability of the right class, mean over the batch, as the model itself predicts it. */
function certainty({ model }: Classifier): number {
  return tf.tidy(() => {
    const right = tf.sum(tf.mul(model.predict(images()) as tf.Tensor, tf.oneHot(LABELS, 3)), 1);
    return tf.mean(right).dataSync()[0]!;
  });
}

/** Dropout off, of whichever kind the family has. */
function withoutNoise(settings: Record<string, unknown>): object {
  const names = ['dropout', 'stochasticDepth'].filter((name) => name in settings);
  const lists = settings['kind'] === 'seed-cnn' ? { dropout: 0 } : {};
  return { ...Object.fromEntries(names.map((name) => [name, 0])), ...lists };
}

describe.each(VARIANTS)('%j', (settings) => {
  it('has the gradients that finite differences give', () => {
    const classifier = build(settings);
    expect(slopeRatio(trainingForward(classifier.logits))).toBeCloseTo(1, 1);
    classifier.dispose();
  });

  it('learns a small batch by heart, and leaves no tensors behind', () => {
    const before = tf.memory().numTensors;
    const classifier = build({ ...settings, ...withoutNoise(settings) });
    const forward = trainingForward(classifier.logits);
    const optimizer = tf.train.adam(0.03);
    for (let step = 1; step <= 50; step++)
      optimizer.minimize(() => lossOf(forward, step), false, [...forward.parameters]);
    expect(certainty(classifier)).toBeGreaterThan(0.8);
    optimizer.dispose();
    classifier.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is saved as standard layers that predict the same', async () => {
    const classifier = build(settings);
    const again = await loadModel(await saveModel(classifier.model));
    const [ours, theirs] = [classifier.model, again].map((model) =>
      tf.tidy(() => [...(model.predict(images()) as tf.Tensor).dataSync()]),
    );
    expect(theirs).toEqual(ours);
    expect(ours!.slice(0, 3).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    classifier.dispose();
    again.dispose();
  });
});

const FASHION = { inputShape: [28, 28, 1], classes: 10, seed: 1 } as const;

describe('parameters', () => {
  it.each([
    ['seed-cnn', {}, 423_946],
    ['mlp', {}, 784 * 256 + 256 * 4 + 256 * 128 + 128 * 4 + 128 * 10 + 10],
    // He et al.'s table 6 for one input channel: kernels by stage, projections, logits, four numbers a normalised channel
    ['resnet', { depth: 20 }, 144 + 13_824 + 50_688 + 202_752 + 2560 + 650 + 4 * 784],
    ['resnet', { depth: 14, block: 'preact' }, 144 + 9216 + 32_256 + 129_024 + 2560 + 650 + 4 * 464],
  ])('of %s %j: %i', (kind, change, expected) => {
    const classifier = buildClassifier(parseModelSpec({ kind, ...change }), FASHION);
    expect(summarizeModel(classifier.model).params).toBe(expected);
    classifier.dispose();
  });
});

/** Three stages of a ResNet-20: 28, 14 and 7 pixels a side. */
const RESNET_20 =
  784 * (9 * 16 + 6 * 9 * 16 * 16) +
  196 * (9 * 16 * 32 + 5 * 9 * 32 * 32 + 16 * 32) +
  49 * (9 * 32 * 64 + 5 * 9 * 64 * 64 + 32 * 64);
/** 4 tokens of 8 numbers: patches, positions, queries keys and values, scores and mixture of 2 heads, projection, dense layers. */
const VIT = 4 * 16 * 8 + 4 * 9 * 8 + 4 * 8 * 8 * 3 + 2 * 2 * 4 * 4 * 4 + 4 * 8 * 8 + 4 * 2 * 8 * 16;

describe('forward multiplications', () => {
  const vit = { tokenizer: 'patch', width: 8, heads: 2, depth: 1, pooling: 'mean' };
  it.each([
    ['mlp', {}, FASHION, 784 * 256 + 256 * 128 + 128 * 10],
    ['resnet', { depth: 20 }, FASHION, RESNET_20 + 64 * 10],
    ['vit', vit, CONTEXT, VIT + 8 * 3],
  ])('of %s %j', (kind, change, context, expected) => {
    const classifier = buildClassifier(parseModelSpec({ kind, ...change }), context);
    expect(summarizeModel(classifier.model).flops).toBe(2 * expected);
    classifier.dispose();
  });
});

describe('refusals', () => {
  it.each([
    [{ kind: 'resnet', depth: 18 }, 'model.depth: expected 6n + 2 (8, 14, 20, 26, 32, ...)'],
    [{ kind: 'vit', width: 96, heads: 5 }, 'model.heads: expected a divisor of the width 96, got 5'],
    [
      { kind: 'vit', tokenizer: 'patch', patch: 5 },
      "model.patch: expected a divisor of the image's sides 28 and 28, got 5",
    ],
    [
      { kind: 'vit', convolutions: 5 },
      'model.convolutions: images of 28x28 pixels can be halved 4 times, so expected at most 4 blocks, got 5',
    ],
    [
      { kind: 'airbench', widths: [8, 8, 8, 8, 8] },
      'model.widths: images of 28x28 pixels can be halved 4 times',
    ],
    [{ kind: 'resnt' }, 'the nearest is "resnet"'],
  ])('%j', (settings, message) => {
    expect(() => buildClassifier(parseModelSpec(settings), FASHION)).toThrow(message);
  });
});
