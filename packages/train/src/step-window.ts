import type { StepResult } from './train-step.ts';
import type { TrainingProgress } from './training-state.ts';

/** Sums over the steps of a window. */
export interface WindowTotals {
  readonly images: number;
  readonly lossSum: number;
  readonly correct: number;
  readonly seconds: number;
}

export const NOTHING: WindowTotals = { images: 0, lossSum: 0, correct: 0, seconds: 0 };

/** Adds up steps between two reports. */
export class StepWindow {
  #sums: WindowTotals;
  #length: number;
  #since = performance.now();

  constructor({ length, ...sums }: TrainingProgress['window'] = { ...NOTHING, length: 0 }) {
    this.#sums = sums;
    this.#length = length;
  }

  /** What it holds, its time so far included. */
  get state(): TrainingProgress['window'] {
    return { ...this.#sums, seconds: this.#seconds(), length: this.#length };
  }

  #seconds(): number {
    return this.#sums.seconds + (performance.now() - this.#since) / 1000;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes in a step on `images` images. */
  add({ loss, correct }: StepResult, images: number): void {
    this.#sums = addTotals(this.#sums, { images, lossSum: loss * images, correct, seconds: 0 });
    this.#length++;
  }

  /** Time that passes until the next step is not training time. */
  restartClock(): void {
    this.#since = performance.now();
  }

  /** The sums since the last reading, which are then forgotten. */
  read(): WindowTotals {
    const totals = { ...this.#sums, seconds: this.#seconds() };
    this.#sums = NOTHING;
    this.#length = 0;
    this.restartClock();
    return totals;
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
