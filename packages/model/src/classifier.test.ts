import { randomBits } from '@atelier/data';
import { openEngine } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchNorm } from './batch-norm.ts';
import { buildClassifier } from './classifier.ts';
import { SeededDropout } from './dropout.ts';
import { parseModelSpec, type ModelSpec } from './spec.ts';
import { summarizeModel } from './summary.ts';

const FASHION = { inputShape: [28, 28, 1], classes: 10, seed: 1 } as const;
const TINY: ModelSpec = parseModelSpec({
  kind: 'seed-cnn',
  filters: [3, 4],
  blockDropout: [0.25, 0.5],
  dense: [6],
  denseDropout: [0.5],
});
const TINY_CONTEXT = { inputShape: [8, 8, 1], classes: 3, seed: 7 } as const;

beforeAll(() => openEngine({ name: 'cpu' }));

function values(tensor: tf.Tensor): number[] {
  return [...tensor.dataSync()];
}

describe('the seed CNN', () => {
  it('has the layers and the parameters of the notebook', () => {
    const classifier = buildClassifier(parseModelSpec({ kind: 'seed-cnn' }), FASHION);
    const summary = summarizeModel(classifier.model);
    expect(summary.params).toBe(423_946);
    expect(summary.params - summary.trainableParams).toBe(960);
    const convolutions = 28 * 28 * 9 * 1 * 32 + 14 * 14 * 9 * 32 * 64 + 7 * 7 * 9 * 64 * 128;
    expect(summary.flops).toBe(2 * (convolutions + 1152 * 256 + 256 * 128 + 128 * 10));
    const block = ['Conv2D', 'BatchNormalization', 'MaxPooling2D', 'Dropout'];
    expect(summary.layers.map(({ type }) => type)).toEqual([
      ...block,
      ...block,
      ...block,
      ...['Flatten', 'Dense', 'BatchNormalization', 'Dropout', 'Dense', 'Dropout', 'Dense', 'Activation'],
    ]);
    expect(summary.layers[11]!.outputShape).toEqual([3, 3, 128]);
    classifier.dispose();
  });

  it('can do without normalisation and pool before it', () => {
    const types = (change: object): string[] => {
      const classifier = buildClassifier(parseModelSpec({ ...TINY, ...change }), TINY_CONTEXT);
      const { layers } = summarizeModel(classifier.model);
      classifier.dispose();
      return layers.slice(0, 4).map(({ type }) => type);
    };
    expect(types({ batchNorm: false })).toEqual(['Conv2D', 'MaxPooling2D', 'Dropout', 'Conv2D']);
    expect(types({ pooling: 'before-norm' })).toEqual([
      'Conv2D',
      'MaxPooling2D',
      'BatchNormalization',
      'Dropout',
    ]);
  });

  it('takes one rate for all of its dropouts', () => {
    const rates = (change: object): number[] => {
      const classifier = buildClassifier(parseModelSpec({ ...TINY, ...change }), TINY_CONTEXT);
      const dropouts = classifier.model.layers.filter((layer) => layer instanceof SeededDropout);
      classifier.dispose();
      return dropouts.map((layer) => layer.getConfig()['rate'] as number);
    };
    expect(rates({})).toEqual([0.25, 0.5, 0.5]);
    expect(rates({ dropout: null })).toEqual([0.25, 0.5, 0.5]);
    expect(rates({ dropout: 0.35 })).toEqual([0.35, 0.35, 0.35]);
    expect(rates({ dropout: 0.35, blockDropout: [0, 0], denseDropout: [0] })).toEqual([0.35, 0.35, 0.35]);
    expect(rates({ dropout: 0 })).toEqual([]);
  });

  it.each([
    [{ kind: 'seed-cnn', dropout: 1 }, 'model.dropout'],
    [{ kind: 'sed-cnn' }, 'model.kind: no model family "sed-cnn"; the nearest is "seed-cnn"'],
    [
      { kind: 'seed-cnn', blockDropout: [0.1] },
      'model.blockDropout: expected one rate for each of the 3 filters, got 1',
    ],
    [{ kind: 'seed-cnn', kernelSize: 0 }, 'model.kernelSize'],
  ])('refuses %j', (input, message) => {
    expect(() => parseModelSpec(input)).toThrow(message);
  });

  it('refuses images that cannot be halved so often', () => {
    const build = () => buildClassifier(TINY, { ...TINY_CONTEXT, inputShape: [3, 8, 1] });
    expect(build).toThrow(
      'model.filters: images of 3x8 pixels can be halved 1 times, so expected at most 1 blocks, got 2',
    );
  });

  it('draws its weights from the seed alone', () => {
    const weights = (seed: number): number[] => {
      const classifier = buildClassifier(TINY, { ...TINY_CONTEXT, seed });
      const all = classifier.model.getWeights().flatMap(values);
      classifier.dispose();
      return all;
    };
    expect(weights(7)).toEqual(weights(7));
    expect(weights(8)).not.toEqual(weights(7));
  });

  it('frees every tensor', () => {
    const before = tf.memory().numTensors;
    buildClassifier(TINY, TINY_CONTEXT).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves no tensors behind when applied in training', () => {
    const classifier = buildClassifier(TINY, TINY_CONTEXT);
    const x = tf.ones([2, 8, 8, 1]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) tf.dispose(classifier.logits.apply(x, { training: true }) as tf.Tensor);
    expect(tf.memory().numTensors).toBe(before);
    classifier.dispose();
    x.dispose();
  });
});

/** The mask by definition: 16 of data's random bits for each element, the low half of a word first. */
function maskOf(size: number, rate: number, seed: number, layer: string, step: number): number[] {
  const bits = new Uint32Array(Math.ceil(size / 2));
  randomBits(bits, seed, 'dropout', layer, step);
  const level = (i: number): number => (bits[i >>> 1]! >>> (16 * (i & 1))) & 0xffff;
  return Array.from({ length: size }, (_, i) =>
    level(i) < Math.round(rate * 65536) ? 0 : Math.fround(1 / (1 - rate)),
  );
}

describe('SeededDropout', () => {
  const dropout = new SeededDropout({ name: 'drop', rate: 0.4, seed: 3 });
  const maskBy = (layer: SeededDropout, size: number): number[] =>
    tf.tidy(() => values(layer.apply(tf.ones([size]), { training: true }) as tf.Tensor));

  it('drops its share and keeps the mean', () => {
    const mask = maskBy(dropout, 100_001);
    const kept = mask.filter((value) => value > 0);
    expect(kept.length / mask.length).toBeCloseTo(0.6, 2);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.6)]));
  });

  it('drops by the random bits of its seed, layer and step', () => {
    const layer = new SeededDropout({ name: 'other', rate: 0.25, seed: 9 });
    for (layer.step = 1; layer.step < 4; layer.step++)
      expect(maskBy(layer, 1001)).toEqual(maskOf(1001, 0.25, 9, 'other', layer.step));
  });

  it('draws another mask for another step, layer or seed, and the same for the same', () => {
    const mask = (name: string, seed: number, step: number): string => {
      const layer = new SeededDropout({ name, rate: 0.4, seed });
      layer.step = step;
      return maskBy(layer, 64).join();
    };
    const others = [mask('a', 1, 2), mask('b', 1, 1), mask('a', 2, 1)];
    expect(others).not.toContain(mask('a', 1, 1));
    expect(mask('a', 1, 1)).toBe(mask('a', 1, 1));
  });

  it('passes images through unchanged at inference', () => {
    tf.tidy(() => {
      const x = tf.ones([2, 50]);
      expect(values(dropout.apply(x) as tf.Tensor)).toEqual(values(x));
      expect(values(dropout.apply(x, { training: true }) as tf.Tensor)).toContain(0);
    });
  });

  it('has the gradient of its mask', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([4, 25], 0, 1, 'float32', 1);
      const gradient = tf.grad((input) => dropout.apply(input, { training: true }) as tf.Tensor)(x);
      expect(values(gradient)).toEqual(maskOf(100, 0.4, 3, 'drop', 0));
    });
  });
});

describe('BatchNorm', () => {
  /** Output, gradients of input, gamma and beta, and moving averages after one training step. */
  function step(layer: layers.Layer, x: tf.Tensor): number[][] {
    layer.apply(x);
    const [gamma, beta] = [tf.tensor1d([0.5, 1.5, -2]), tf.tensor1d([0.1, -0.3, 0.7])];
    layer.setWeights([gamma, beta, ...layer.getWeights().slice(2)]);
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const input = tf.variable(x);
    const { value, grads } = tf.variableGrads(() => {
      const y = layer.apply(input, { training: true }) as tf.Tensor;
      return tf.sum(tf.mul(tf.square(y), tf.sin(input))) as tf.Scalar;
    }, [input, ...variables]);
    return [value, ...Object.values(grads), ...layer.getWeights().slice(2)].map(values);
  }

  it.each([[[16, 3]], [[2, 4, 4, 3]]])('computes and learns like the standard layer on %j', (shape) => {
    tf.tidy(() => {
      const x = tf.randomNormal(shape, 2, 3, 'float32', 5);
      const [ours, standard] = [
        step(new BatchNorm({ name: `own${shape.length}` }), x),
        step(layers.batchNormalization({ name: `standard${shape.length}` }), x),
      ];
      expect(ours).toHaveLength(6);
      ours.forEach((numbers, i) => {
        const scale = Math.max(...standard[i]!.map(Math.abs));
        numbers.forEach((number, j) => expect((number - standard[i]![j]!) / scale).toBeCloseTo(0, 5));
      });
    });
  });
});
