import { describe, expect, it } from 'vitest';
import { batches } from './batches.ts';
import { decodeDataset } from './dataset.ts';
import { findFiles } from './files.ts';
import { DatasetDescriptor } from './descriptor.ts';
import { SHIRTS, idx, pixels, shirtsFolder } from '../test/fixture.ts';
import { randomStream } from './random.ts';
import { splitDataset } from './split.ts';

async function shirts(change?: Parameters<typeof shirtsFolder>[0]) {
  const descriptor = DatasetDescriptor.parse({ ...SHIRTS, ...change?.descriptor });
  const { files } = await findFiles(descriptor, shirtsFolder(change).folder);
  return decodeDataset(descriptor, files);
}

describe('splitDataset', () => {
  it('takes every class in its proportion and no image twice', async () => {
    const dataset = await shirts({
      files: {
        'train-labels': idx(
          [20],
          Uint8Array.from({ length: 20 }, (_, i) => (i < 15 ? 0 : 1)),
        ),
      },
    });
    const { train, val } = splitDataset(dataset, { validation: 4 });
    expect([...val.labels].filter((label) => label === 0)).toHaveLength(3);
    expect([...val.labels].filter((label) => label === 1)).toHaveLength(1);
    expect([...train.indices, ...val.indices].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect([...val.labels]).toEqual([...val.indices].map((i) => dataset.train.labels[i]));
  });

  it('leaves at least one image of a rare class on each side', async () => {
    const rare = Uint8Array.from({ length: 20 }, (_, i) => (i < 2 ? 1 : 0));
    const { train, val } = splitDataset(await shirts({ files: { 'train-labels': idx([20], rare) } }), {
      validation: 4,
    });
    expect([...val.labels].filter((label) => label === 1)).toHaveLength(1);
    expect([...train.labels].filter((label) => label === 1)).toHaveLength(1);
    expect(val.count).toBe(4);
  });

  it('refuses a class with a single image', async () => {
    const single = Uint8Array.from({ length: 20 }, (_, i) => (i < 1 ? 1 : 0));
    const dataset = await shirts({ files: { 'train-labels': idx([20], single) } });
    expect(() => splitDataset(dataset, { validation: 4 })).toThrow(/has 1 training images of "striped"/);
  });

  it('splits a class of half a million images', async () => {
    const dataset = await shirts();
    const count = 500_000;
    const labels = Uint8Array.from({ length: count }, (_, i) => (i < 10 ? 1 : 0));
    const many = {
      ...dataset,
      train: { ...dataset.train, images: new Uint8Array(12 * count), labels, count },
    };
    expect(splitDataset(many, { validation: 1000 }).train.count).toBe(count - 1000);
  });

  it('is the same for the same seed and another for another', async () => {
    const dataset = await shirts();
    const [a, b, c] = [1, 1, 2].map((seed) => splitDataset(dataset, { validation: 6, seed }));
    expect(a!.val.indices).toEqual(b!.val.indices);
    expect(a!.digest).toBe(b!.digest);
    expect(a!.val.indices).not.toEqual(c!.val.indices);
    expect(a!.digest).not.toBe(c!.digest);
  });

  it('has a digest over content, classes and split', async () => {
    const digest = async (change?: Parameters<typeof shirtsFolder>[0], validation = 6) =>
      splitDataset(await shirts(change), { validation }).digest;
    const plain = await digest();
    expect(plain).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest()).toBe(plain);
    expect(await digest({}, 8)).not.toBe(plain);
    expect(await digest({ files: { 'test-images': idx([6, 4, 3], pixels(72).reverse()) } })).not.toBe(plain);
    expect(await digest({ descriptor: { classes: ['plain', 'dotted'] } })).not.toBe(plain);
  });

  it.each([0, 1, 19, 20, 2.5, Number.NaN])(
    'refuses a validation split of %d of 20 images',
    async (validation) => {
      const dataset = await shirts();
      expect(() => splitDataset(dataset, { validation })).toThrow(/so it can be 2 to 18/);
    },
  );
});

describe('batches', () => {
  it('gives every image once, scaled, with its label', async () => {
    const { train } = splitDataset(await shirts(), { validation: 6 });
    const all = [...batches(train, { batchSize: 4 })];
    expect(all.map(({ count }) => count)).toEqual([4, 4, 4, 2]);
    expect(all.flatMap(({ labels }) => [...labels])).toEqual([...train.labels]);
    const size = 12;
    all.forEach(({ images, indices }) =>
      indices.forEach((position, row) => {
        const from = train.indices[position]! * size;
        const expected = Float32Array.from(
          train.source.images.subarray(from, from + size),
          (value) => value / 255,
        );
        expect(images.subarray(row * size, (row + 1) * size)).toEqual(expected);
      }),
    );
  });

  it('draws another order for another stream, and the same for the same', async () => {
    const { train } = splitDataset(await shirts(), { validation: 6 });
    const order = (epoch: number) =>
      [...batches(train, { batchSize: 4, shuffle: randomStream(1, 'shuffle', epoch) })].flatMap(
        ({ indices }) => [...indices],
      );
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect(order(1).sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i));
  });

  it.each([0, -1, 1.5, 15])('refuses a batch of %d of 14 images', async (batchSize) => {
    const { train } = splitDataset(await shirts(), { validation: 6 });
    expect(() => batches(train, { batchSize })).toThrow(
      /images was asked for; the train split has 14, so it can be 1 to 14/,
    );
  });
});
