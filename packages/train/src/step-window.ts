import * as tf from '@tensorflow/tfjs-core';

/** Sums over the steps of a window. */
export interface WindowTotals {
  readonly images: number;
  readonly lossSum: number;
  readonly correct: number;
  readonly seconds: number;
}

/** The first step of a window whose loss is NaN or infinite. */
export interface BadStep {
  readonly step: number;
  readonly loss: number;
}

/** Results of steps that were not read yet: reading makes some engines wait, so it is done for many at once. */
export class StepWindow {
  #results: tf.Tensor1D[] = [];
  #sizes: number[] = [];
  #since = performance.now();

  get length(): number {
    return this.#results.length;
  }

  /** Takes over `result`, [mean loss, correct predictions] of `size` images. */
  add(result: tf.Tensor1D, size: number): void {
    this.#results.push(result);
    this.#sizes.push(size);
  }

  /** Time that passes until the next step is not training time. */
  restartClock(): void {
    this.#since = performance.now();
  }

  /** Reads and forgets the steps, the last of which is `step`. */
  async read(step: number): Promise<WindowTotals & { readonly bad: BadStep | undefined }> {
    const joined = tf.concat(this.#results);
    const values = await joined.data();
    const sizes = this.#sizes;
    joined.dispose();
    this.dispose();
    const seconds = (performance.now() - this.#since) / 1000;
    this.restartClock();
    const losses = sizes.map((_, i) => values[2 * i]!);
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    return {
      images: sizes.reduce((sum, size) => sum + size, 0),
      lossSum: losses.reduce((sum, loss, i) => sum + loss * sizes[i]!, 0),
      correct: sizes.reduce((sum, _, i) => sum + values[2 * i + 1]!, 0),
      seconds,
      bad: bad === -1 ? undefined : { step: step - sizes.length + 1 + bad, loss: losses[bad]! },
    };
  }

  dispose(): void {
    tf.dispose(this.#results);
    this.#results = [];
    this.#sizes = [];
  }
}

/** Adds two windows. */
export function addTotals(a: WindowTotals, b: WindowTotals): WindowTotals {
  return {
    images: a.images + b.images,
    lossSum: a.lossSum + b.lossSum,
    correct: a.correct + b.correct,
    seconds: a.seconds + b.seconds,
  };
}

export const NOTHING: WindowTotals = { images: 0, lossSum: 0, correct: 0, seconds: 0 };
