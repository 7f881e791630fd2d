import {
  captureStep,
  parameterUpdate,
  softmaxCrossEntropy,
  updateHyper,
  type CapturedStep,
  type ParameterUpdate,
  type StepInputs,
  type UpdateRule,
} from '@atelier/engine';
import { trainingForward, type Classifier, type TrainingForward } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import { WeightAverage } from './average.ts';
import type { TrainConfig } from './config.ts';
import { clipped } from './gradients.ts';
import { groupsOf } from './layer-rates.ts';
import { ruleOf } from './optimizer.ts';
import { softCrossEntropy } from './soft-cross-entropy.ts';
import type { StepBatch } from './step-batches.ts';
import { weightsOf } from './weights.ts';

/** What a step gave. */
export interface StepResult {
  /** Mean over the batch, in nats. */
  readonly loss: number;
  readonly correct: number;
}

/** Where a step stands: steps count from 1. */
export interface StepAt {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly learningRate: number;
}

/** Parameters whose learning rate has the same factor. */
interface Group {
  readonly factor: number;
  /** Among the forward pass's parameters. */
  readonly places: readonly number[];
  readonly update: ParameterUpdate;
}

const hyperOf = (factor: number): string => (factor === 1 ? 'hyper' : `hyper/${factor}`);

/**
 * The training step of a classifier: forward, softmax cross-entropy on the logits, gradients, update; batch statistics
 * move by the way. Captured where the engine can, so everything that changes from step to step is an input.
 */
export class TrainStep {
  readonly #forward: TrainingForward;
  readonly #rule: UpdateRule;
  readonly #groups: readonly Group[];
  readonly #clipNorm: number | null;
  readonly #average: WeightAverage | undefined;
  readonly #labelSmoothing: number;
  readonly #step: CapturedStep;

  constructor(classifier: Classifier, config: TrainConfig) {
    this.#forward = trainingForward(classifier.logits, config.seed);
    this.#rule = ruleOf(config.optimizer);
    this.#groups = this.#grouped(config);
    this.#clipNorm = config.clipNorm;
    if (config.average !== null) this.#average = new WeightAverage(config.average, weightsOf(classifier));
    this.#labelSmoothing = config.labelSmoothing;
    this.#step = captureStep((inputs) => this.#body(inputs));
  }

  #grouped({ layerRates }: TrainConfig): Group[] {
    const { parameters } = this.#forward;
    return [...groupsOf(parameters, layerRates)].map(([factor, members]) => ({
      ...{ factor, places: members.map((member) => parameters.indexOf(member)) },
      update: parameterUpdate(members, this.#rule),
    }));
  }

  #body(inputs: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
    let correct: tf.Tensor | undefined;
    const { value: loss, grads } = tf.variableGrads(() => {
      const logits = this.#forward.apply(inputs['images']!, inputs);
      const { loss, labels } = this.#judge(logits, inputs);
      correct = tf.keep(tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')));
      return tf.mean<tf.Scalar>(loss);
    }, [...this.#forward.parameters]);
    const all = this.#forward.parameters.map(({ name }) => grads[name]!);
    const gradients = this.#clipNorm === null ? all : clipped(all, this.#clipNorm);
    for (const { factor, places, update } of this.#groups)
      update.apply(
        places.map((place) => gradients[place]!),
        inputs[hyperOf(factor)] as tf.Tensor1D,
      );
    this.#average?.move(inputs);
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

  #inputsAt(at: StepAt): StepInputs {
    const hypers = this.#groups.map(({ factor }) => {
      const values = updateHyper(this.#rule, at.step, at.learningRate * factor);
      return [hyperOf(factor), { values, shape: [4] }] as const;
    });
    return {
      ...Object.fromEntries(hypers),
      ...this.#forward.inputsAt(at.step),
      ...this.#average?.inputsAt(at),
    };
  }

  /** Trains on a batch, which must not change until the result is there. */
  async run({ images, labels, targets }: StepBatch, at: StepAt): Promise<StepResult> {
    const outputs = await this.#step.run({
      ...{ images, labels },
      ...(targets && { targets }),
      ...this.#inputsAt(at),
    });
    return { loss: outputs['loss']![0]!, correct: outputs['correct']![0]! };
  }

  /** What the step keeps from one call to the next besides the weights, always in the same order. */
  get variables(): readonly tf.Variable[] {
    return [...this.#groups.flatMap(({ update }) => update.moments), ...this.averages];
  }

  /** What is judged in place of the weights, in their order; empty where they are judged themselves. */
  get averages(): readonly tf.Variable[] {
    return this.#average?.variables ?? [];
  }

  dispose(): void {
    this.#step.dispose();
    for (const { update } of this.#groups) update.dispose();
    this.#average?.dispose();
  }
}
