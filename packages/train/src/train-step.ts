import {
  captureStep,
  parameterUpdate,
  softmaxCrossEntropy,
  updateHyper,
  type CapturedStep,
  type ParameterUpdate,
  type UpdateRule,
} from '@atelier/engine';
import { trainingForward, type Classifier, type TrainingForward } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainConfig } from './config.ts';
import { ruleOf } from './optimizer.ts';
import { softCrossEntropy } from './soft-cross-entropy.ts';
import type { StepBatch } from './step-batches.ts';

/** What a step gave. */
export interface StepResult {
  /** Mean over the batch, in nats. */
  readonly loss: number;
  readonly correct: number;
}

/**
 * The training step of a classifier: forward, softmax cross-entropy on the logits, gradients, update; batch statistics
 * move by the way. Captured where the engine can, so everything that changes from step to step is an input.
 */
export class TrainStep {
  readonly #forward: TrainingForward;
  readonly #rule: UpdateRule;
  readonly #update: ParameterUpdate;
  readonly #labelSmoothing: number;
  readonly #step: CapturedStep;

  constructor(classifier: Classifier, config: TrainConfig) {
    this.#forward = trainingForward(classifier.logits, config.seed);
    this.#rule = ruleOf(config.optimizer);
    this.#update = parameterUpdate(this.#forward.parameters, this.#rule);
    this.#labelSmoothing = config.labelSmoothing;
    this.#step = captureStep((inputs) => this.#body(inputs));
  }

  #body(inputs: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
    let correct: tf.Tensor | undefined;
    const { value: loss, grads } = tf.variableGrads(() => {
      const logits = this.#forward.apply(inputs['images']!, inputs);
      const { loss, labels } = this.#judge(logits, inputs);
      correct = tf.keep(tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')));
      return tf.mean<tf.Scalar>(loss);
    }, [...this.#forward.parameters]);
    const gradients = this.#forward.parameters.map(({ name }) => grads[name]!);
    this.#update.apply(gradients, inputs['hyper'] as tf.Tensor1D);
    return { loss, correct: correct! };
  }

  /** The loss of every image, and the class that counts as right: of a mixture the one with the larger share. */
  #judge(logits: tf.Tensor2D, inputs: Readonly<Record<string, tf.Tensor>>) {
    const targets = inputs['targets'] as tf.Tensor2D | undefined;
    const labels = inputs['labels'] as tf.Tensor1D;
    if (targets === undefined)
      return { labels, loss: softmaxCrossEntropy(logits, labels, this.#labelSmoothing).loss };
    return {
      labels: tf.argMax<tf.Tensor1D>(targets, 1),
      loss: softCrossEntropy(logits, targets, this.#labelSmoothing),
    };
  }

  /** Trains on a batch; `step` counts from 1. The batch must not change until the result is there. */
  async run({ images, labels, targets }: StepBatch, step: number, learningRate: number): Promise<StepResult> {
    const hyper = { values: updateHyper(this.#rule, step, learningRate), shape: [4] };
    const outputs = await this.#step.run({
      ...{ images, labels, hyper },
      ...(targets && { targets }),
      ...this.#forward.inputsAt(step),
    });
    return { loss: outputs['loss']![0]!, correct: outputs['correct']![0]! };
  }

  /** What the step keeps from one call to the next besides the weights, always in the same order. */
  get variables(): readonly tf.Variable[] {
    return this.#update.moments;
  }

  dispose(): void {
    this.#step.dispose();
    this.#update.dispose();
  }
}
