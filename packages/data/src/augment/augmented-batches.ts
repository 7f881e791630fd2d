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

function shared<T extends Uint8Array | Uint32Array>(values: T): T {
  const Type = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Type(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** A split as a thread reads it: shared, not copied. */
export function augmentSource(split: Split, classes: number): AugmentSource {
  const { images, height, width, channels } = split.source;
  return {
    pixels: shared(images),
    shape: { height, width, channels },
    indices: shared(split.indices),
    labels: shared(split.labels),
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
  readonly #buffers: readonly BatchBuffers[];
  readonly #options: AugmentOptions;
  readonly #split: Split;

  constructor(split: Split, options: AugmentOptions) {
    const { spec, seed, batchSize, classes, threaded } = options;
    checkAugment(spec, split.source);
    const source = augmentSource(split, classes);
    this.#split = split;
    this.#options = options;
    this.#buffers = [0, 1].map(() => sharedBuffers(source, batchSize, spec));
    this.#thread = new AugmentThread({ source, spec, seed, buffers: this.#buffers }, threaded);
  }

  /**
   * The batches of an epoch (from 1).
   * @param order positions in the split
   * @param from batches to leave out at the start
   */
  async *epoch(epoch: number, order: Uint32Array, from = 0): AsyncGenerator<AugmentedBatch, undefined> {
    const { batchSize, classes } = this.#options;
    const size = imageSize(this.#split.source);
    for (let start = from * batchSize, slot = 0; start < order.length; start += batchSize, slot ^= 1) {
      const positions = order.slice(start, start + batchSize);
      await this.#thread.fill({ slot, positions, epoch });
      const { images, labels, targets } = this.#buffers[slot]!;
      const count = positions.length;
      yield {
        images: images.subarray(0, count * size),
        labels: labels.subarray(0, count),
        targets: targets?.subarray(0, count * classes),
        count,
      };
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}
