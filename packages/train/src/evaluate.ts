import { batches, type Batch, type Split } from '@atelier/data';
import type { Classifier } from '@atelier/model';
import * as tf from '@tensorflow/tfjs-core';
import { setImmediate } from 'node:timers/promises';

/** Large enough to keep an engine busy, small enough for its memory. */
const EVALUATION_BATCH = 256;

/** A batch's images as a tensor [n, height, width, channels]; the caller owns it. */
export function imageTensor(batch: Batch, split: Split): tf.Tensor {
  const { height, width, channels } = split.source;
  return tf.tensor4d(batch.images, [batch.count, height, width, channels]);
}

async function predict(classifier: Classifier, batch: Batch, split: Split): Promise<Float32Array> {
  const output = tf.tidy(
    () => classifier.model.apply(imageTensor(batch, split), { training: false }) as tf.Tensor,
  );
  try {
    return (await output.data()) as Float32Array;
  } finally {
    output.dispose();
  }
}

/** The class probabilities of every image of a split, in its order: [count, classes]. */
export async function evaluate(
  classifier: Classifier,
  split: Split,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const classes = classifier.model.outputShape.at(-1) as number;
  const probabilities = new Float32Array(split.count * classes);
  let done = 0;
  for (const batch of batches(split, { batchSize: Math.min(EVALUATION_BATCH, split.count) })) {
    signal?.throwIfAborted();
    probabilities.set(await predict(classifier, batch, split), done * classes);
    done += batch.count;
    await setImmediate();
  }
  return probabilities;
}
