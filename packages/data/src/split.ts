import { createHash } from 'node:crypto';
import type { Dataset } from './dataset.ts';
import type { DatasetDescriptor } from './descriptor.ts';
import { SplitError } from './errors.ts';
import { type ImageSet, imageSize } from './image-set.ts';
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
  /**
   * Images of the training files that are set apart for validation; below 1 a share of them. Absent: a fifth, 5,000 at
   * most.
   */
  readonly validation?: number | undefined;
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

const SHARE = 0.2;
const MOST_VALIDATION = 5000;

/** Positions of two parts, the second of `wanted` images: every class in its proportion, drawn from `seed`. */
function stratified(
  set: ImageSet,
  { name, classes }: Pick<DatasetDescriptor, 'name' | 'classes'>,
  wanted: number,
  seed: number,
  path: string,
): [rest: Uint32Array, taken: Uint32Array] {
  const groups = indicesByClass(set.labels, classes.length);
  const rare = groups.findIndex((group) => group.length < 2);
  if (rare >= 0) {
    throw new SplitError(
      `${name} has ${groups[rare]!.length} training images of "${classes[rare]}"; a stratified split needs at least 2 of every class`,
    );
  }
  const counts = quotas(
    groups.map((group) => group.length),
    wanted,
  );
  const rest: number[] = [];
  const taken: number[] = [];
  groups.forEach((group, label) => {
    const order = Uint32Array.from(group);
    randomStream(seed, path, label).shuffle(order);
    order.forEach((index, i) => (i < counts[label]! ? taken : rest).push(index));
  });
  return [Uint32Array.from(rest).sort(), Uint32Array.from(taken).sort()];
}

/** A share of the images, at least one of every class on either side where that can be. */
function shareOf(count: number, share: number, classes: number): number {
  return Math.max(classes, Math.min(Math.round(count * share), count - classes));
}

function subset(set: ImageSet, indices: Uint32Array): ImageSet {
  const size = imageSize(set);
  const images = new Uint8Array(indices.length * size);
  indices.forEach((from, i) => images.set(set.images.subarray(from * size, (from + 1) * size), i * size));
  return {
    ...set,
    images,
    labels: Uint8Array.from(indices, (i) => set.labels[i]!),
    count: indices.length,
  };
}

/**
 * The test split of a dataset without test files: a stratified share of its images, always the same ones.
 * @throws SplitError where a class has fewer than 2 images
 */
export function carveTest(all: ImageSet, descriptor: DatasetDescriptor): { train: ImageSet; test: ImageSet } {
  const wanted = shareOf(all.count, descriptor.testShare ?? SHARE, descriptor.classes.length);
  const [train, test] = stratified(all, descriptor, wanted, 1, 'test');
  return { train: subset(all, train), test: subset(all, test) };
}

/** @throws SplitError where each side cannot have an image of every class */
function validationCount({ train, descriptor }: Dataset, asked: number | undefined): number {
  const classes = descriptor.classes.length;
  const count =
    asked === undefined
      ? Math.min(MOST_VALIDATION, shareOf(train.count, SHARE, classes))
      : asked > 0 && asked < 1
        ? shareOf(train.count, asked, classes)
        : asked;
  if (Number.isInteger(count) && count >= classes && count <= train.count - classes) return count;
  throw new SplitError(
    `a validation split of ${asked ?? 'a fifth of the'} images was asked for; ${descriptor.name} has ${train.count} training ` +
      `images in ${classes} classes, so it can be ${classes} to ${train.count - classes}`,
  );
}

/**
 * Carves a validation split out of the training images: every class in its proportion, which images is drawn from
 * `seed`. The test images stay apart.
 * @throws SplitError when `validation` is not an integer that leaves each side at least one image per class.
 */
export function splitDataset(dataset: Dataset, { validation, seed = 1 }: SplitOptions = {}): Splits {
  const { train: source, test, descriptor } = dataset;
  const wanted = validationCount(dataset, validation);
  const [train, val] = stratified(source, descriptor, wanted, seed, 'split');
  return {
    train: splitOf('train', source, train),
    val: splitOf('val', source, val),
    test: splitOf(
      'test',
      test,
      Uint32Array.from({ length: test.count }, (_, i) => i),
    ),
    digest: digestOf(dataset, wanted, seed),
    descriptor,
  };
}
