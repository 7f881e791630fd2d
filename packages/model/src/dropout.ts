import { seededDropout } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { dropoutKey } from './dropout-key.ts';

export interface SeededDropoutArgs {
  readonly name: string;
  /** Share of the inputs set to zero, in [0, 1); met to 1/65536. */
  readonly rate: number;
  readonly seed: number;
}

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
    return tf.tidy(() => {
      const key = tf.tensor1d(dropoutKey(this.seed, this.name, this.step), 'int32');
      return seededDropout(x, key, this.rate);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}
