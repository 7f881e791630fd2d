import type { TrainEvent } from '@atelier/train';

/**
 * Seconds from the start of this process to the last step of a training, validation left out: what a speedrun counts. Data,
 * capture, input, augmentation and recording are in it.
 */
export class TrainingClock {
  #lastStep = 0;
  #judging = 0;
  #seconds = 0;

  /** @param now milliseconds since the process started, as `performance.now()` has them */
  see({ type }: Pick<TrainEvent, 'type'>, now = performance.now()): void {
    if (type === 'step') this.#lastStep = now;
    // judging lies between an epoch's last step and its event
    if (type === 'epoch') this.#judging += now - this.#lastStep;
    if (type === 'step') this.#seconds = (now - this.#judging) / 1000;
  }

  get seconds(): number {
    return this.#seconds;
  }
}
