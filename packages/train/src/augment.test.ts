import { mixesLabels } from '@atelier/data';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { configOf, epochsOf, splits, trained } from '../test/tiny-training.ts';
import { parseConfig } from './settings.ts';
import { sizedFor } from './batch-size.ts';
import { softCrossEntropy } from './soft-cross-entropy.ts';
import { TrainingBatches } from './training-batches.ts';

// torch.nn.functional.cross_entropy(logits, targets, label_smoothing=...), 2.x
const PLAIN = [0.9031355, 0.6924103];
const SMOOTHED = [0.9524689, 0.8824102];
const GRADIENT = [0.0160794, -0.0941846, 0.0781052, -0.0138874, -0.0878115, 0.1016988];

const AUGMENT = { flip: 'random', translate: 1, erase: { probability: 0.3 } };
const MIXED = { ...AUGMENT, mixup: 0.4, cutmix: 1 };

async function lossesOf(augment: object | null): Promise<{ losses: number[]; digest: string }> {
  const { all, digest } = await trained(configOf({ augment }));
  return { losses: epochsOf(all).map(({ metrics }) => metrics['train/loss']), digest };
}

describe('augmented training', () => {
  it('gives the same weights for the same record, and others than without', async () => {
    const plain = await lossesOf(null);
    for (const augment of [AUGMENT, MIXED]) {
      const first = await lossesOf(augment);
      expect(first).toEqual(await lossesOf(augment));
      expect(first.digest).not.toBe(plain.digest);
      for (const loss of first.losses) expect(loss).toBeGreaterThan(0);
    }
  });

  it('with nothing asked for is training as it was', async () => {
    expect(await lossesOf({})).toEqual(await lossesOf(null));
  });

  it('goes on from any batch with the batches of the whole epoch', async () => {
    using batches = new TrainingBatches(splits.train, 3, configOf({ augment: MIXED }));
    const read = async (from: number) => {
      const images: number[][] = [];
      const epoch = batches.epoch(2, from);
      for (let next = await epoch.next(); !next.done; next = await epoch.next())
        images.push([...next.value.images.values, ...next.value.targets!.values]);
      return images;
    };
    expect(await read(4)).toEqual((await read(0)).slice(4));
  });

  it('leaves no tensors behind', async () => {
    await lossesOf(MIXED);
    const before = tf.memory().numTensors;
    await lossesOf(MIXED);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [{ cutout: 9 }, /augment.cutout: expected at most 8 for images of 8 x 8, got 9: more than the image/],
    [{ translate: 8 }, /augment.translate: expected less than 8/],
    [
      { erase: { minArea: 0.5, maxArea: 0.1 } },
      /augment.erase.minArea: expected at most erase.maxArea, 0.1, got 0.5/,
    ],
  ])('refuses %j before anything is trained', (augment, message) => {
    expect(() => sizedFor(configOf({ augment }), splits)).toThrow(message);
  });

  it.each([
    [{ flips: 'random' }, /no setting "augment.flips"; the nearest is "augment.flip"/],
    [{ flip: 'alternate' }, /augment.flip: expected one of none, random, alternating, got "alternate"/],
    [{ mixup: -1 }, /augment.mixup: /],
  ])('refuses %j as a setting', (augment, message) => {
    expect(() => parseConfig({ ...configOf(), augment })).toThrow(message);
    expect(mixesLabels(configOf({ augment: MIXED }).augment!)).toBe(true);
  });
});

describe('softCrossEntropy', () => {
  it('and its gradient are as PyTorch has them', () => {
    const logits = tf.tensor2d([1.5, -0.3, 0.2, -2, 0.7, 3.1], [2, 3]);
    const targets = tf.tensor2d([0.7, 0.3, 0, 0, 0.25, 0.75], [2, 3]);
    const near = (tensor: tf.Tensor, expected: readonly number[]) =>
      [...tensor.dataSync()].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    near(softCrossEntropy(logits, targets, 0), PLAIN);
    near(softCrossEntropy(logits, targets, 0.1), SMOOTHED);
    near(tf.grad((x) => tf.mean(softCrossEntropy(x as tf.Tensor2D, targets, 0.1)))(logits), GRADIENT);
  });
});
