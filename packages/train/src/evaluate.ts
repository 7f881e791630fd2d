import { meanOf, type Split, viewed, viewsOf, type ViewsSpec } from '@atelier/data';
import { captureStep } from '@atelier/engine';
import type { Classifier } from '@atelier/model';
import type * as tf from '@tensorflow/tfjs-core';
import { setImmediate } from 'node:timers/promises';
import { stepBatches } from './step-batches.ts';

/** Large enough to keep an engine busy, small enough for its memory; divides the usual splits without a rest. */
const EVALUATION_BATCH = 250;

/** The class probabilities of every image of a split, in its order: [count, classes]. */
export async function evaluate(
  classifier: Pick<Classifier, 'model'>,
  split: Split,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const classes = classifier.model.outputShape.at(-1) as number;
  const probabilities = new Float32Array(split.count * classes);
  const step = captureStep(({ images }) => ({
    probabilities: classifier.model.apply(images!, { training: false }) as tf.Tensor,
  }));
  try {
    let done = 0;
    const waiting = stepBatches(split, { batchSize: Math.min(EVALUATION_BATCH, split.count) });
    let next = waiting.next();
    while (!next.done) {
      signal?.throwIfAborted();
      const running = step.run({ images: next.value.images });
      next = waiting.next(); // prepared while the engine computes
      const outputs = await running;
      probabilities.set(outputs['probabilities']!, done);
      done += outputs['probabilities']!.length;
      await setImmediate();
    }
  } finally {
    step.dispose();
  }
  return probabilities;
}

/** The same by the mean over views of every image (test-time augmentation); what it costs is multiplied by their number. */
export async function evaluateViews(
  classifier: Pick<Classifier, 'model'>,
  split: Split,
  views: ViewsSpec | null,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (views === null) return evaluate(classifier, split, signal);
  const answers: Float32Array[] = [];
  for (const view of viewsOf(views)) answers.push(await evaluate(classifier, viewed(split, view), signal));
  return meanOf(answers);
}
