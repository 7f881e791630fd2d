import type { ImageSet } from './image-set.ts';
import type { Splits } from './split.ts';

export interface DatasetStatistics {
  readonly name: string;
  readonly title: string;
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  readonly classes: readonly string[];
  /** Images per class, by split. */
  readonly counts: Readonly<Record<'train' | 'val' | 'test', readonly number[]>>;
  /** Mean and standard deviation of the pixels of all training images, scaled to [0, 1]. */
  readonly mean: number;
  readonly std: number;
  readonly digest: string;
}

function countLabels(labels: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}

function pixelMoments(set: ImageSet): { mean: number; std: number } {
  const histogram = new Float64Array(256);
  for (const value of set.images) histogram[value]! += 1;
  const n = set.images.length;
  let mean = 0;
  histogram.forEach((count, value) => (mean += (count / n) * (value / 255)));
  let variance = 0;
  histogram.forEach((count, value) => (variance += (count / n) * (value / 255 - mean) ** 2));
  return { mean, std: Math.sqrt(variance) };
}

/** What is in a dataset: counts, pixel moments, digest. */
export function describeDataset(splits: Splits): DatasetStatistics {
  const { name, title, classes, image } = splits.descriptor;
  const count = (part: 'train' | 'val' | 'test'): number[] =>
    countLabels(splits[part].labels, classes.length);
  return {
    name,
    title,
    image,
    classes,
    counts: { train: count('train'), val: count('val'), test: count('test') },
    ...pixelMoments(splits.train.source),
    digest: splits.digest,
  };
}
