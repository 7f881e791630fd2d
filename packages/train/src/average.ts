import { averagingRate, moveTowards, ownMemory, rateValues, type StepInputs } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { AverageSpec } from './config.ts';

/** Where a step stands: steps count from 1. */
interface At {
  readonly step: number;
  readonly stepsPerEpoch: number;
}

/**
 * How far the average moves towards the weights after a step, and the weights then towards the average.
 *
 * ema        average = decay-weighted mean of the weights of all steps, without bias (see `averagingRate`)
 * swa        average = plain mean of the weights from `fromEpoch` on (Izmailov et al. 2018); the weights themselves before
 * lookahead  every `steps` steps: average += (weights - average) * rate, weights = average (Zhang et al. 2019)
 */
function ratesAt(spec: AverageSpec, { step, stepsPerEpoch }: At): { average: number; weights: number } {
  if (spec.kind === 'ema') return { average: averagingRate(spec.decay, step), weights: 0 };
  if (spec.kind === 'swa') {
    const seen = step - Math.round((spec.fromEpoch - 1) * stepsPerEpoch);
    return { average: 1 / Math.max(seen, 1), weights: 0 };
  }
  const meets = step % spec.steps === 0;
  return { average: meets ? spec.rate : 0, weights: meets ? 1 : 0 };
}

/** Keeps an average of weights, moved in the captured step. */
export class WeightAverage {
  readonly #spec: AverageSpec;
  readonly #weights: readonly tf.Variable[];
  readonly variables: readonly tf.Variable[];

  /** Begins at the weights as they are. */
  constructor(spec: AverageSpec, weights: readonly tf.Variable[]) {
    this.#spec = spec;
    this.#weights = weights;
    this.variables = weights.map((weight) => tf.tidy(() => tf.variable(tf.clone(weight), false)));
    ownMemory(this.variables);
  }

  inputsAt(at: At): StepInputs {
    const { average, weights } = ratesAt(this.#spec, at);
    const input = (rate: number) => ({ values: rateValues(rate), shape: [4] });
    return { averageRate: input(average), ...(this.#isLookahead && { weightsRate: input(weights) }) };
  }

  get #isLookahead(): boolean {
    return this.#spec.kind === 'lookahead';
  }

  /** @param inputs those of `inputsAt`; others are ignored */
  move(inputs: Readonly<Record<string, tf.Tensor>>): void {
    moveTowards(this.variables, this.#weights, inputs['averageRate']!);
    if (this.#isLookahead) moveTowards(this.#weights, this.variables, inputs['weightsRate']!);
  }

  dispose(): void {
    tf.dispose([...this.variables]);
  }
}
