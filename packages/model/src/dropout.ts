import { seededDropout } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { dropoutKey } from './dropout-key.ts';

export interface SeededDropoutArgs {
  readonly name: string;
  /** Share of the inputs set to zero, in [0, 1); met to 1/65536. */
  readonly rate: number;
  readonly seed: number;
  /** Whole images are set to zero, or kept, as one: stochastic depth. */
  readonly perImage?: boolean;
}

/** One number an image, for values of this rank: [null, 1, ..., 1]. */
function noiseShapeOf(rank: number): (number | null)[] {
  return [null, ...Array<number>(rank - 1).fill(1)];
}

/** `x` with whole images dropped by a key: see `seededDropout`. */
export function imageDropout(x: tf.Tensor, key: tf.Tensor, rate: number): tf.Tensor {
  const shape = [x.shape[0]!, ...Array<number>(x.rank - 1).fill(1)];
  return tf.mul(x, seededDropout(tf.ones(shape), key, rate));
}

/**
 * Inverted dropout whose mask is a pure function of (seed, layer name, step), so that a run can be repeated bit for
 * bit on any engine. Identity at inference. It is saved as the standard `Dropout`, which plain TensorFlow.js opens.
 */
export class SeededDropout extends layers.Layer {
  static className = 'Dropout';
  readonly rate: number;
  readonly seed: number;
  readonly perImage: boolean;
  #rank = 0;
  /** The training step whose mask the next call draws. */
  step = 0;

  constructor({ name, rate, seed, perImage = false }: SeededDropoutArgs) {
    super({ name });
    this.rate = rate;
    this.seed = seed;
    this.perImage = perImage;
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    this.#rank = inputShape.length;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (kwargs['training'] !== true || this.rate === 0) return x;
    return tf.tidy(() => {
      const key = tf.tensor1d(dropoutKey(this.seed, this.name, this.step), 'int32');
      return this.perImage ? imageDropout(x, key, this.rate) : seededDropout(x, key, this.rate);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const noise = this.perImage ? { noiseShape: noiseShapeOf(this.#rank) } : {};
    return { ...super.getConfig(), rate: this.rate, ...noise };
  }
}
