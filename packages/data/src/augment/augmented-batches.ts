import { imageSize } from '../image-set.ts';
import type { Split } from '../split.ts';
import { AugmentThread } from './augment-thread.ts';
import { type AugmentSource, type BatchBuffers, sharedBuffers } from './augmenter.ts';
import { type AugmentSpec, checkAugment } from './spec.ts';

export interface AugmentedBatch extends BatchBuffers {
  readonly count: number;
}

export interface AugmentOptions {
  readonly spec: AugmentSpec;
  readonly seed: number;
  readonly batchSize: number;
  readonly classes: number;
  /** False: no thread is started. */
  readonly threaded?: boolean;
}

function sharedBytes(values: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function sharedPositions(values: Uint32Array): Uint32Array {
  const copy = new Uint32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** A split as a thread reads it: shared, not copied. */
export function augmentSource(split: Split, classes: number): AugmentSource {
  const { images, height, width, channels } = split.source;
  return {
    pixels: sharedBytes(images),
    shape: { height, width, channels },
    indices: sharedPositions(split.indices),
    labels: sharedBytes(split.labels),
    classes,
  };
}

/**
 * Augmented batches of a split, made on a thread of its own while a step works on the batch before. Two buffers take
 * turns: a batch is good until the next but one is asked for.
 * @throws AugmentError where a setting does not go with images of this size
 */
export class AugmentedBatches implements Disposable {
  readonly #thread: AugmentThread;
  /** What the thread fills. */
  readonly #shared: readonly BatchBuffers[];
  /** Native addons take no shared memory, so batches leave in memory of our own. */
  readonly #own: readonly BatchBuffers[];
  readonly #options: AugmentOptions;
  readonly #split: Split;

  constructor(split: Split, options: AugmentOptions) {
    const { spec, seed, batchSize, classes, threaded } = options;
    checkAugment(spec, split.source);
    const source = augmentSource(split, classes);
    this.#split = split;
    this.#options = options;
    this.#shared = [0, 1].map(() => sharedBuffers(source, batchSize, spec));
    this.#own = this.#shared.map(({ images, labels, targets }) => ({
      images: new Float32Array(images.length),
      labels: new Int32Array(labels.length),
      targets: targets && new Float32Array(targets.length),
    }));
    this.#thread = new AugmentThread({ source, spec, seed, buffers: this.#shared }, threaded);
  }

  /**
   * The batches of an epoch (from 1).
   * @param order positions in the split
   * @param from batches to leave out at the start
   */
  async *epoch(epoch: number, order: Uint32Array, from = 0): AsyncGenerator<AugmentedBatch, undefined> {
    const { batchSize } = this.#options;
    for (let start = from * batchSize, slot = 0; start < order.length; start += batchSize, slot ^= 1) {
      const positions = order.slice(start, start + batchSize);
      await this.#thread.fill({ slot, positions, epoch });
      yield this.#take(slot, positions.length);
    }
    return undefined;
  }

  #take(slot: number, count: number): AugmentedBatch {
    const { classes } = this.#options;
    const size = imageSize(this.#split.source);
    const from = this.#shared[slot]!;
    const { images, labels, targets } = this.#own[slot]!;
    images.set(from.images);
    labels.set(from.labels);
    if (from.targets !== undefined) targets?.set(from.targets);
    return {
      images: images.subarray(0, count * size),
      labels: labels.subarray(0, count),
      targets: targets?.subarray(0, count * classes),
      count,
    };
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}
