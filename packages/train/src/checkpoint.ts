import type { Classifier } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import { variableOf } from './train-step.ts';

/** Copies of every weight, out of the engine's reach. */
export type Checkpoint = readonly Float32Array[];

/** Copies the weights, moving averages included. */
export async function takeCheckpoint(classifier: Classifier): Promise<Checkpoint> {
  const read = classifier.model.weights.map(async (weight) =>
    Float32Array.from(await variableOf(weight).data()),
  );
  return Promise.all(read);
}

/** Puts the weights of a checkpoint back. */
export function restoreCheckpoint(classifier: Classifier, checkpoint: Checkpoint): void {
  tf.tidy(() => {
    classifier.model.weights.forEach((weight, i) => {
      const variable = variableOf(weight);
      variable.assign(tf.tensor(checkpoint[i]!, variable.shape, 'float32'));
    });
  });
}
