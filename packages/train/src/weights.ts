import { ownMemory } from '@atelier/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import type { Classifier } from '@atelier/model';

/** The tensor behind a layer's weight, which TensorFlow.js keeps private. */
export function variableOf(weight: LayerVariable): tf.Variable {
  return weight.read() as tf.Variable;
}

/** Every weight of a classifier, moving averages included. */
export function weightsOf({ model }: Classifier): tf.Variable[] {
  return model.weights.map(variableOf);
}

/** Copies of variables, out of the engine's reach. */
export function copyOf(variables: readonly tf.Variable[]): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.data())));
}

/** Puts copies back; the variables' memory is their own afterwards. */
export function putBack(variables: readonly tf.Variable[], copies: readonly Float32Array[]): void {
  tf.tidy(() =>
    variables.forEach((variable, i) => variable.assign(tf.tensor(copies[i]!, variable.shape, 'float32'))),
  );
  ownMemory(variables);
}
