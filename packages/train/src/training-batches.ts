import { AugmentedBatches, randomStream, type Split } from '@atelier/data';
import type { TrainConfig } from './config.ts';
import { stepBatches, type StepBatch } from './step-batches.ts';

/** The batches of the training split, epoch by epoch, augmented where the configuration says so. */
export class TrainingBatches implements Disposable {
  readonly #split: Split;
  readonly #config: TrainConfig;
  readonly #augmented: AugmentedBatches | undefined;

  /** @throws AugmentError where a setting does not go with images of this size */
  constructor(split: Split, classes: number, config: TrainConfig) {
    const { augment: spec, seed, batchSize } = config;
    this.#split = split;
    this.#config = config;
    if (spec !== null) this.#augmented = new AugmentedBatches(split, { spec, seed, batchSize, classes });
  }

  /**
   * The batches of an epoch (from 1), each good until the next but one is asked for.
   * @param from batches to leave out at the start
   */
  epoch(epoch: number, from = 0): Iterator<StepBatch, undefined> | AsyncIterator<StepBatch, undefined> {
    const { seed, batchSize } = this.#config;
    const shuffle = randomStream(seed, 'shuffle', epoch);
    if (this.#augmented === undefined) return stepBatches(this.#split, { batchSize, shuffle, from });
    const order = Uint32Array.from({ length: this.#split.count }, (_, i) => i);
    shuffle.shuffle(order);
    return this.#inputs(this.#augmented, epoch, order, from);
  }

  async *#inputs(
    augmented: AugmentedBatches,
    epoch: number,
    order: Uint32Array,
    from: number,
  ): AsyncGenerator<StepBatch, undefined> {
    const { height, width, channels } = this.#split.source;
    for await (const { images, labels, targets, count } of augmented.epoch(epoch, order, from))
      yield {
        images: { values: images, shape: [count, height, width, channels] },
        labels: { values: labels, shape: [count] },
        ...(targets && { targets: { values: targets, shape: [count, targets.length / count] } }),
        count,
      };
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#augmented?.[Symbol.dispose]();
  }
}
