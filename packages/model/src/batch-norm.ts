import { averagingRate, batchNormTraining } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';

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
 * Batch normalisation over the last axis that trains through the engine's own passes, where TensorFlow.js derives
 * some sixteen full-size operations for its layer. It is saved as the standard `BatchNormalization`. Every call is
 * one tidy scope, so nothing but its output outlives it.
 */
export class BatchNorm extends layers.Layer {
  static className = 'BatchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
  /** The training step that the next call is, from 1: its average is free of bias. 0: the plain moving average. */
  step = 0;
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
    const [gamma, beta] = [this.#gamma, this.#beta].map((weight) => weight.read() as tf.Tensor1D) as [
      tf.Tensor1D,
      tf.Tensor1D,
    ];
    return tf.tidy(() =>
      kwargs['training'] === true ? this.#train(x, gamma, beta) : this.#infer(x, gamma, beta),
    );
  }

  #train(x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor {
    const { y, mean, variance } = batchNormTraining(x, gamma, beta, this.epsilon);
    this.#average(this.#movingMean, mean);
    this.#average(this.#movingVariance, variance);
    return y;
  }

  #infer(x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor {
    const flat = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
    const [mean, variance] = [this.#movingMean.read(), this.#movingVariance.read()] as [
      tf.Tensor1D,
      tf.Tensor1D,
    ];
    return tf.reshape(tf.batchNorm(flat, mean, variance, beta, gamma, this.epsilon), x.shape);
  }

  #average(moving: LayerVariable, value: tf.Tensor): void {
    const old = moving.read();
    const rate = this.step === 0 ? 1 - this.momentum : averagingRate(this.momentum, this.step);
    moving.write(tf.sub(old, tf.mul(tf.sub(old, value), rate)));
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
