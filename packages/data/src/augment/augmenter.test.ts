import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pixels as somePixels } from '../../test/fixture.ts';
import { randomStream } from '../random.ts';
import type { Split } from '../split.ts';
import { AugmentedBatches, augmentSource } from './augmented-batches.ts';
import { Augmenter, type BatchBuffers } from './augmenter.ts';
import { ImageDraws } from './draws.ts';
import { boxAbout, eraseBox } from './erasing.ts';
import { randAugment } from './rand-augment.ts';
import { AugmentSpec, checkAugment, isIdle, mixesLabels } from './spec.ts';

const COUNT = 60;
const SHAPE = { height: 8, width: 6, channels: 1 } as const;
const SIZE = 48;
const CLASSES = 3;

/** Every other image of a set of 120. */
const split: Split = {
  name: 'train',
  source: { images: somePixels(120 * SIZE), labels: new Uint8Array(120), count: 120, ...SHAPE },
  indices: Uint32Array.from({ length: COUNT }, (_, i) => 2 * i),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % CLASSES),
  count: COUNT,
};

const EVERYTHING = {
  flip: 'random',
  translate: 2,
  rotate: 15,
  zoom: 0.1,
  shear: 10,
  padding: 'reflect',
  brightness: 0.2,
  contrast: 0.2,
  erase: { probability: 0.5 },
  cutout: 3,
  mixup: 0.4,
  cutmix: 1,
  randAugment: { operations: 2 },
} as const;

function buffersFor(count: number, mixed: boolean): BatchBuffers {
  return {
    images: new Float32Array(count * SIZE),
    labels: new Int32Array(count),
    targets: mixed ? new Float32Array(count * CLASSES) : undefined,
  };
}

/** The images at these positions, in an epoch, by an augmenter of their own. */
function augmented(spec: object, positions: readonly number[], epoch = 1, seed = 1): BatchBuffers {
  const parsed = AugmentSpec.parse(spec);
  const buffers = buffersFor(positions.length, mixesLabels(parsed));
  const augmenter = new Augmenter(augmentSource(split, CLASSES), parsed, seed);
  augmenter.fill(Uint32Array.from(positions), epoch, buffers);
  return buffers;
}

const image = ({ images }: BatchBuffers, row: number) => images.slice(row * SIZE, (row + 1) * SIZE);
const original = (position: number) =>
  Float32Array.from(
    split.source.images.subarray(2 * position * SIZE, (2 * position + 1) * SIZE),
    (value) => value / 255,
  );
const mirrored = (values: Float32Array) =>
  values.map((_, i) => values[i - (i % SHAPE.width) + SHAPE.width - 1 - (i % SHAPE.width)]!);
const all = Array.from({ length: COUNT }, (_, i) => i);

describe('augmentation', () => {
  it('does nothing unless it is asked to', () => {
    const nothing = augmented({}, all);
    expect(isIdle(AugmentSpec.parse({}))).toBe(true);
    expect(isIdle(AugmentSpec.parse(EVERYTHING))).toBe(false);
    for (const position of all) expect(image(nothing, position)).toEqual(original(position));
    expect([...nothing.labels]).toEqual([...split.labels]);
  });

  it('gives an image the same bits in whatever batch it stands', () => {
    const whole = augmented(EVERYTHING, all);
    const some = augmented(EVERYTHING, [41, 7, 7]);
    for (const [row, position] of [41, 7, 7].entries()) {
      expect(image(some, row)).toEqual(image(whole, position));
      const targets = whole.targets!.slice(position * CLASSES, (position + 1) * CLASSES);
      expect(some.targets!.slice(row * CLASSES, (row + 1) * CLASSES)).toEqual(targets);
    }
  });

  it('gives other bits for another epoch and another seed', () => {
    const spec = { translate: 2, erase: { probability: 1 } };
    const different = (a: BatchBuffers, b: BatchBuffers) =>
      all.filter((row) => image(a, row).some((value, i) => value !== image(b, row)[i])).length;
    expect(different(augmented(spec, all, 1), augmented(spec, all, 2))).toBeGreaterThan(50);
    expect(different(augmented(spec, all, 1, 1), augmented(spec, all, 1, 2))).toBeGreaterThan(50);
  });

  it('flips by chance, or alternating with a first choice by chance', () => {
    const flipped = (flip: string, epoch: number) => {
      const result = augmented({ flip }, all, epoch);
      return all.map((position) => {
        const got = image(result, position);
        const is = Buffer.from(got.buffer).equals(Buffer.from(mirrored(original(position)).buffer));
        if (!is) expect(got).toEqual(original(position));
        return is;
      });
    };
    const [odd, even] = [flipped('alternating', 1), flipped('alternating', 2)];
    expect(even).toEqual(odd.map((is) => !is));
    expect(flipped('alternating', 3)).toEqual(odd);
    // of 60 by chance, within four standard deviations
    for (const flips of [odd, flipped('random', 1)])
      expect(Math.abs(flips.filter(Boolean).length - 30)).toBeLessThan(16);
  });

  it('erases a share of the area within its bounds, with its probability', () => {
    const erase = { probability: 1, minArea: 0.1, maxArea: 0.3, minAspect: 0.5 };
    const draws = new ImageDraws(3);
    const shape = { height: 40, width: 40, channels: 1 };
    for (let index = 0; index < 500; index++) {
      draws.begin(1, index);
      const box = eraseBox(erase, shape, draws)!;
      const [h, w] = [box.bottom - box.top, box.right - box.left];
      expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
      expect(Math.max(box.bottom, box.right)).toBeLessThanOrEqual(40);
      // sides are rounded to whole pixels
      expect((h + 0.5) * (w + 0.5)).toBeGreaterThan(160);
      expect((h - 0.5) * (w - 0.5)).toBeLessThan(480);
      expect((h - 0.5) / (w + 0.5)).toBeLessThan(2);
      expect((w - 0.5) / (h + 0.5)).toBeLessThan(2);
    }
  });

  it('cuts a square about a point of the image, as much as lies in it', () => {
    expect(boxAbout(0, 0, 4, 4, SHAPE)).toEqual({ top: 0, left: 0, bottom: 2, right: 2 });
    expect(boxAbout(4, 3, 3, 3, SHAPE)).toEqual({ top: 3, left: 2, bottom: 6, right: 5 });
    const black = augmented({ cutout: 4 }, all);
    for (const position of all) {
      const kept = image(black, position);
      const before = original(position);
      const cut = kept.filter((value, i) => value !== before[i]).length;
      expect(cut).toBeGreaterThan(2);
      expect(cut).toBeLessThanOrEqual(16);
      kept.forEach((value, i) => expect([0, before[i]]).toContain(value));
    }
  });

  it('mixes two images and their labels in one proportion', () => {
    const { images, targets } = augmented({ mixup: 1 }, all);
    for (const position of all) {
      const row = targets!.subarray(position * CLASSES, (position + 1) * CLASSES);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      const own = split.labels[position]!;
      if (row[own] === 1) continue; // of one class
      const got = images.subarray(position * SIZE, (position + 1) * SIZE);
      const fits = all.some((partner) => {
        const weight = row[split.labels[partner]!]!;
        const [a, b] = [original(position), original(partner)];
        return (
          split.labels[partner] !== own &&
          got.every((v, i) => Math.abs(v - (1 - weight) * a[i]! - weight * b[i]!) < 1e-5)
        );
      });
      expect(fits).toBe(true);
    }
  });

  it('pastes a rectangle of another image, labels weighted by its area', () => {
    const { images, targets } = augmented({ cutmix: 1 }, all);
    for (const position of all) {
      const row = targets!.subarray(position * CLASSES, (position + 1) * CLASSES);
      const own = split.labels[position]!;
      if (row[own] === 1) continue;
      const before = original(position);
      const foreign = images
        .subarray(position * SIZE, (position + 1) * SIZE)
        .filter((value, i) => value !== before[i]).length;
      // a pixel of both images may be the same
      expect(1 - row[own]!).toBeGreaterThanOrEqual(foreign / SIZE - 1e-6);
      expect(1 - row[own]!).toBeLessThan(foreign / SIZE + 0.1);
    }
  });

  it('keeps pixels in [0, 1] whatever is done', () => {
    for (const epoch of [1, 2, 3]) {
      const { images } = augmented(
        { ...EVERYTHING, randAugment: { operations: 5, magnitude: 30 } },
        all,
        epoch,
      );
      for (const value of images) if (!(value >= 0 && value <= 1.000001)) expect.fail(`a pixel of ${value}`);
    }
  });

  it('does everything to colours too', () => {
    const colour = { height: 6, width: 5, channels: 3 };
    const values = Float32Array.from(somePixels(90), (value) => value / 255);
    const draws = new ImageDraws(5);
    for (let index = 0; index < 300; index++) {
      draws.begin(1, index);
      const copy = values.slice();
      randAugment(copy, new Float32Array(90), colour, { operations: 2, magnitude: 20 }, draws);
      for (const value of copy) if (!(value >= 0 && value <= 1.000001)) expect.fail(`a pixel of ${value}`);
    }
  });

  it.each([
    ['translate', { translate: 6 }, /augment.translate: expected less than 6 for images of 8 x 6, got 6/],
    ['cutout', { cutout: 7 }, /augment.cutout: .* more than the image/],
    ['erase.minArea', { erase: { minArea: 0.5 } }, /at most erase.maxArea, 0.33, got 0.5/],
  ])('refuses %s where it cannot be', (_, spec, message) => {
    expect(() => checkAugment(AugmentSpec.parse(spec), SHAPE)).toThrow(message);
  });
});

describe('draws', () => {
  it('are even, and follow Beta(a, a) by its quantiles (SciPy)', () => {
    const { betaQuantiles } = JSON.parse(
      readFileSync(new URL('../../test/augment-reference.json', import.meta.url), 'utf8'),
    ) as { betaQuantiles: Record<string, number[]> };
    const draws = new ImageDraws(11);
    const n = 20_000;
    const sample = (draw: () => number) =>
      Float64Array.from({ length: n }, (_, index) => (draws.begin(1, index), draw()));
    const share = (values: Float64Array, below: number) => values.filter((value) => value < below).length / n;
    // 0.014 is four standard deviations of a share of a half
    const even = sample(() => draws.uniform());
    for (const q of [0.1, 0.5, 0.9]) expect(Math.abs(share(even, q) - q)).toBeLessThan(0.014);
    for (const [alpha, quantiles] of Object.entries(betaQuantiles)) {
      const values = sample(() => draws.beta(Number(alpha)));
      [0.1, 0.25, 0.5, 0.75, 0.9].forEach((q, i) =>
        expect(Math.abs(share(values, quantiles[i]!) - q)).toBeLessThan(0.014),
      );
    }
  });
});

describe('augmented batches', () => {
  const order = () => {
    const positions = Uint32Array.from(all);
    randomStream(1, 'shuffle', 1).shuffle(positions);
    return positions;
  };
  const read = async (threaded: boolean, from = 0) => {
    const spec = AugmentSpec.parse(EVERYTHING);
    using batches = new AugmentedBatches(split, { spec, seed: 4, batchSize: 16, classes: CLASSES, threaded });
    const read: number[][] = [];
    for await (const { images, labels, targets, count } of batches.epoch(2, order(), from))
      read.push([count, ...images, ...labels, ...targets!]);
    return read;
  };

  it('have the same bits from a thread and without one, and from any batch on', async () => {
    const inline = await read(false);
    expect(inline.map(([count]) => count)).toEqual([16, 16, 16, 12]);
    expect(await read(true)).toEqual(inline);
    expect(await read(false, 2)).toEqual(inline.slice(2));
  });

  it('leave a batch alone while the next is made', async () => {
    const spec = AugmentSpec.parse({ translate: 1 });
    using batches = new AugmentedBatches(split, { spec, seed: 1, batchSize: 10, classes: CLASSES });
    const epoch = batches.epoch(1, order());
    const { value: first } = await epoch.next();
    const before = first!.images.slice();
    await epoch.next();
    expect(first!.images).toEqual(before);
    await epoch.return(undefined);
  });
});
