import type { Batch, Split } from '@atelier/data';
import type { Classifier } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { imageTensor } from './evaluate.ts';
import type { Optimizer } from './optimizer.ts';

/** The tensor behind a layer's weight, which TensorFlow.js keeps private. */
export function variableOf(weight: LayerVariable): tf.Variable {
  return weight.read() as tf.Variable;
}

/**
 * One step: forward, softmax cross-entropy on the logits, gradients, update. Batch statistics move by the way.
 * @returns [mean loss, correct predictions] of the batch, not yet read from the engine; the caller owns it.
 */
export function trainStep(
  classifier: Classifier,
  optimizer: Optimizer,
  batch: Batch,
  split: Split,
): tf.Tensor1D {
  return tf.tidy(() => {
    const images = imageTensor(batch, split);
    const labels = tf.tensor1d(Int32Array.from(batch.labels), 'int32');
    let correct: tf.Tensor | undefined;
    const weights = classifier.logits.trainableWeights.map(variableOf);
    const { value, grads } = tf.variableGrads(() => {
      const logits = classifier.logits.apply(images, { training: true }) as tf.Tensor2D;
      correct = tf.keep(tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32')));
      const wanted = tf.oneHot(labels, logits.shape[1]);
      return tf.losses.softmaxCrossEntropy(wanted, logits) as tf.Scalar;
    }, weights);
    optimizer.apply(grads);
    const result = tf.stack([value, correct!]) as tf.Tensor1D;
    correct!.dispose();
    return result;
  });
}
