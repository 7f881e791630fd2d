import { randomBits } from '@atelier/data';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';

export interface SeededDropoutArgs {
  readonly name: string;
  /** Share of the inputs set to zero, in [0, 1). */
  readonly rate: number;
  readonly seed: number;
}

/** Masks need no more than 16 bits a number: the rate is met to 1/65536. */
const LEVELS = 65536;

/**
 * Inverted dropout whose mask is a pure function of (seed, layer name, step), so that a run can be repeated bit for
 * bit on any engine. Identity at inference. It is saved as the standard `Dropout`, which plain TensorFlow.js opens.
 */
export class SeededDropout extends layers.Layer {
  static className = 'Dropout';
  readonly rate: number;
  readonly seed: number;
  /** The training step whose mask the next call draws. */
  step = 0;
  #bits = new Uint32Array(0);

  constructor({ name, rate, seed }: SeededDropoutArgs) {
    super({ name });
    this.rate = rate;
    this.seed = seed;
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (kwargs['training'] !== true || this.rate === 0) return x;
    return tf.tidy(() => tf.mul(x, tf.tensor(this.mask(x.size), x.shape, 'float32')));
  }

  /** 0 with probability `rate`, else 1 / (1 - rate): [size]. */
  mask(size: number): Float32Array {
    const words = (size + 1) >>> 1;
    if (this.#bits.length !== words) this.#bits = new Uint32Array(words);
    randomBits(this.#bits, this.seed, 'dropout', this.name, this.step);
    const halves = new Uint16Array(this.#bits.buffer);
    const dropped = Math.round(this.rate * LEVELS);
    const kept = 1 / (1 - this.rate);
    const mask = new Float32Array(size);
    for (let i = 0; i < size; i++) mask[i] = halves[i]! < dropped ? 0 : kept;
    return mask;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}
