import { createHash } from 'node:crypto';
import type { Dataset } from './dataset.ts';
import type { DatasetDescriptor } from './descriptor.ts';
import { SplitError } from './errors.ts';
import type { ImageSet } from './image-set.ts';
import { randomStream } from './random.ts';

export type SplitName = 'train' | 'val' | 'test';

/** Some of the images of a set. */
export interface Split {
  readonly name: SplitName;
  readonly source: ImageSet;
  /** Positions in `source`, ascending, shape [count]. */
  readonly indices: Uint32Array;
  readonly count: number;
  /** Class indices in the order of `indices`, shape [count]. */
  readonly labels: Uint8Array;
}

export interface Splits {
  readonly train: Split;
  readonly val: Split;
  readonly test: Split;
  /** SHA-256 (64 hexadecimal digits) over the images, the labels, the classes and how they are split. */
  readonly digest: string;
  readonly descriptor: DatasetDescriptor;
}

export interface SplitOptions {
  /** Images of the training files that are set apart for validation. */
  readonly validation?: number;
  readonly seed?: number;
}

/** Changes whenever the same options would give other images. */
const SPLIT_RULE = 'stratified-1';

function indicesByClass(labels: Uint8Array, classes: number): number[][] {
  const groups: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, i) => groups[label]!.push(i));
  return groups;
}

/**
 * How many of each class to take for `wanted` in all: in proportion, the largest remainders rounded up, and on each
 * side at least one image of every class.
 */
function quotas(sizes: readonly number[], wanted: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (size * wanted) / total);
  const taken = sizes.map((size, i) => Math.min(Math.max(Math.floor(exact[i]!), 1), size - 1));
  let left = wanted - taken.reduce((sum, n) => sum + n, 0);
  while (left !== 0) {
    const step = Math.sign(left);
    const open = sizes.flatMap((size, i) => (taken[i]! + step >= 1 && taken[i]! + step < size ? [i] : []));
    // the class that is furthest from its share goes first
    const next = open.reduce((a, b) =>
      step * (exact[b]! - taken[b]!) > step * (exact[a]! - taken[a]!) ? b : a,
    );
    taken[next]! += step;
    left -= step;
  }
  return taken;
}

function splitOf(name: SplitName, source: ImageSet, indices: Uint32Array): Split {
  indices.sort();
  return {
    name,
    source,
    indices,
    count: indices.length,
    labels: Uint8Array.from(indices, (i) => source.labels[i]!),
  };
}

function digestOf(dataset: Dataset, validation: number, seed: number): string {
  const { classes, image } = dataset.descriptor;
  const hash = createHash('sha256').update(
    JSON.stringify({ classes, image, rule: SPLIT_RULE, validation, seed }),
  );
  for (const set of [dataset.train, dataset.test]) hash.update(set.images).update(set.labels);
  return hash.digest('hex');
}

/**
 * Carves a validation split out of the training images: every class in its proportion, which images is drawn from
 * `seed`. The test images stay apart.
 * @throws SplitError when `validation` is not an integer that leaves each side at least one image per class.
 */
export function splitDataset(dataset: Dataset, { validation = 5000, seed = 1 }: SplitOptions = {}): Splits {
  const { train, descriptor } = dataset;
  const classes = descriptor.classes.length;
  if (!Number.isInteger(validation) || validation < classes || validation > train.count - classes) {
    throw new SplitError(
      `a validation split of ${validation} images was asked for; ${descriptor.name} has ${train.count} training ` +
        `images in ${classes} classes, so it can be ${classes} to ${train.count - classes}`,
    );
  }
  const groups = indicesByClass(train.labels, classes);
  const rare = groups.findIndex((group) => group.length < 2);
  if (rare >= 0) {
    throw new SplitError(
      `${descriptor.name} has ${groups[rare]!.length} training images of "${descriptor.classes[rare]}"; ` +
        'a stratified split needs at least 2 of every class',
    );
  }
  const taken = quotas(
    groups.map((group) => group.length),
    validation,
  );
  const training: number[] = [];
  const held: number[] = [];
  groups.forEach((group, label) => {
    const order = Uint32Array.from(group);
    randomStream(seed, 'split', label).shuffle(order);
    order.forEach((index, i) => (i < taken[label]! ? held : training).push(index));
  });
  return {
    train: splitOf('train', train, Uint32Array.from(training)),
    val: splitOf('val', train, Uint32Array.from(held)),
    test: splitOf(
      'test',
      dataset.test,
      Uint32Array.from({ length: dataset.test.count }, (_, i) => i),
    ),
    digest: digestOf(dataset, validation, seed),
    descriptor,
  };
}
