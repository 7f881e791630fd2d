import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { normalizeBatch } from './batch-norm-training.ts';

export interface BatchNormArgs {
  readonly name: string;
  /** Of the moving averages: how much of the old value is kept each step. */
  readonly momentum?: number;
  readonly epsilon?: number;
}

/** Keras's defaults. */
const MOMENTUM = 0.99;
const EPSILON = 1e-3;

/**
 * Batch normalisation over the last axis with the gradient written out, instead of the sixteen operations that
 * TensorFlow.js derives for its own layer. It is saved as the standard `BatchNormalization`. The moving averages
 * are updated outside the gradient tape, so none of their tensors outlive the step.
 */
export class BatchNorm extends layers.Layer {
  static className = 'BatchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
  #gamma!: LayerVariable;
  #beta!: LayerVariable;
  #movingMean!: LayerVariable;
  #movingVariance!: LayerVariable;

  constructor({ name, momentum = MOMENTUM, epsilon = EPSILON }: BatchNormArgs) {
    super({ name });
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = [(inputShape as Shape).at(-1)!];
    const [zeros, ones] = [initializers.zeros(), initializers.ones()];
    this.#gamma = this.addWeight('gamma', channels, 'float32', ones);
    this.#beta = this.addWeight('beta', channels, 'float32', zeros);
    this.#movingMean = this.addWeight('moving_mean', channels, 'float32', zeros, undefined, false);
    this.#movingVariance = this.addWeight('moving_variance', channels, 'float32', ones, undefined, false);
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    const [gamma, beta] = [this.#gamma.read(), this.#beta.read()];
    if (kwargs['training'] === true) {
      return normalizeBatch(x, gamma, beta, this.epsilon, (mean, variance) => {
        this.#average(this.#movingMean, mean);
        this.#average(this.#movingVariance, variance);
      });
    }
    const [mean, variance] = [this.#movingMean.read(), this.#movingVariance.read()];
    return tf.tidy(() => {
      const flat = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
      return tf.reshape(
        tf.batchNorm(
          flat,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          beta as tf.Tensor1D,
          gamma as tf.Tensor1D,
          this.epsilon,
        ),
        x.shape,
      );
    });
  }

  #average(moving: LayerVariable, value: tf.Tensor): void {
    tf.tidy(() => {
      const old = moving.read();
      moving.write(tf.sub(old, tf.mul(tf.sub(old, value), 1 - this.momentum)));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      axis: -1,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: true,
      scale: true,
    };
  }
}
