import { BatchSizeError } from './errors.ts';
import { imageSize } from './image-set.ts';
import type { RandomStream } from './random.ts';
import type { Split } from './split.ts';

export interface Batch {
  /** Pixels scaled to [0, 1], shape [count, height, width, channels]. */
  readonly images: Float32Array;
  readonly labels: Uint8Array;
  /** Positions within the split. */
  readonly indices: Uint32Array;
  readonly count: number;
}

export interface BatchOptions {
  readonly batchSize: number;
  /** Draws the order of the images; without it they come in the order of the split. */
  readonly shuffle?: RandomStream;
}

// dividing 256 values once gives the same floats as dividing every pixel
const SCALED = Float32Array.from({ length: 256 }, (_, value) => value / 255);

function batchOf(split: Split, indices: Uint32Array): Batch {
  const { source } = split;
  const size = imageSize(source);
  const images = new Float32Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  indices.forEach((position, row) => {
    const from = split.indices[position]! * size;
    for (let i = 0; i < size; i++) images[row * size + i] = SCALED[source.images[from + i]!]!;
    labels[row] = split.labels[position]!;
  });
  return { images, labels, indices, count: indices.length };
}

/**
 * The images of a split, each once, in batches of fresh arrays. The last batch may be short.
 * @throws BatchSizeError when `batchSize` is not an integer from 1 to the split's count.
 */
export function batches(split: Split, { batchSize, shuffle }: BatchOptions): Iterable<Batch> {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > split.count)
    throw new BatchSizeError(batchSize, split.count, split.name);
  const order = Uint32Array.from({ length: split.count }, (_, i) => i);
  shuffle?.shuffle(order);
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start < order.length; start += batchSize) {
        yield batchOf(split, order.slice(start, start + batchSize));
      }
    },
  };
}
