import { type RandomStream, type Split } from '@atelier/data';
import type { StepInput } from '@atelier/engine';

/** Images and labels as a step takes them. */
export interface StepBatch {
  /** Pixels scaled to [0, 1]: [count, height, width, channels]. */
  readonly images: StepInput;
  /** int32 [count] */
  readonly labels: StepInput;
  /** Probabilities of classes, where labels are mixed: [count, classes]. */
  readonly targets?: StepInput;
  readonly count: number;
}

export interface StepBatchOptions {
  readonly batchSize: number;
  /** Draws the order of the images; without it they come in the order of the split. */
  readonly shuffle?: RandomStream;
  /** Batches to leave out at the start. */
  readonly from?: number;
}

/** In float32, multiplying by it gives what dividing by 255 gives, for every pixel value. */
const SCALE = 1 / 255;

interface Buffers {
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

function gather({ images, labels }: Buffers, split: Split, positions: Uint32Array, size: number): void {
  const pixels = split.source.images;
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row]!;
    const from = split.indices[position]! * size;
    const to = row * size;
    for (let i = 0; i < size; i++) images[to + i] = pixels[from + i]! * SCALE;
    labels[row] = split.labels[position]!;
  }
}

/**
 * The images of a split, each once, with the values and in the order of data's `batches`, but in two buffers that take
 * turns: a batch is good until the next but one is asked for, so that one can be prepared while a step works on the other.
 * The last batch may be short.
 */
export function* stepBatches(
  split: Split,
  { batchSize, shuffle, from = 0 }: StepBatchOptions,
): Generator<StepBatch, undefined> {
  const { height, width, channels } = split.source;
  const size = height * width * channels;
  const order = Uint32Array.from({ length: split.count }, (_, i) => i);
  shuffle?.shuffle(order);
  const buffers = [0, 1].map(() => ({
    images: new Float32Array(batchSize * size),
    labels: new Int32Array(batchSize),
  }));
  for (let start = from * batchSize, turn = 0; start < order.length; start += batchSize, turn ^= 1) {
    const positions = order.subarray(start, start + batchSize);
    const count = positions.length;
    const buffer = buffers[turn]!;
    gather(buffer, split, positions, size);
    yield {
      images: { values: buffer.images.subarray(0, count * size), shape: [count, height, width, channels] },
      labels: { values: buffer.labels.subarray(0, count), shape: [count] },
      count,
    };
  }
  return undefined;
}
