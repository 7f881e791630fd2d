import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';
import {
  SOFTMAX_CROSS_ENTROPY,
  SOFTMAX_CROSS_ENTROPY_GRAD,
  type SoftmaxCrossEntropyAttrs,
} from './kernels.ts';
import { isNative, runNative } from './native.ts';

export interface CrossEntropy {
  /** In nats, per sample: [n]. The gradient flows through it. */
  readonly loss: tf.Tensor1D;
  /** softmax(logits): [n, classes]. No gradient flows through it. */
  readonly probabilities: tf.Tensor2D;
}

/**
 * Cross-entropy of softmax(logits) with the labels.
 * @param logits [n, classes]
 * @param labels int32 [n], each in 0 .. classes - 1
 * @param labelSmoothing share of the target spread evenly over all classes, in [0, 1) (Szegedy et al. 2016)
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  labelSmoothing = 0,
): CrossEntropy {
  tf.util.assert(
    logits.rank === 2 && labels.rank === 1 && labels.shape[0] === logits.shape[0],
    () =>
      `softmaxCrossEntropy: expected logits [n, classes] and labels [n], got [${logits.shape}] and [${labels.shape}].`,
  );
  tf.util.assert(
    labels.dtype === 'int32',
    () => `softmaxCrossEntropy: labels must be int32, got ${labels.dtype}.`,
  );
  tf.util.assert(
    labelSmoothing >= 0 && labelSmoothing < 1,
    () => `softmaxCrossEntropy: labelSmoothing must be in [0, 1), got ${labelSmoothing}.`,
  );
  const compute = isNative(SOFTMAX_CROSS_ENTROPY) ? native : composedSoftmaxCrossEntropy;
  return compute(logits, labels, labelSmoothing);
}

function native(logits: tf.Tensor2D, labels: tf.Tensor1D, labelSmoothing: number): CrossEntropy {
  const attrs: SoftmaxCrossEntropyAttrs = { labelSmoothing };
  const [loss, probabilities] = runNative<[tf.Tensor1D, tf.Tensor2D]>(
    SOFTMAX_CROSS_ENTROPY,
    { logits, labels },
    attrs,
  );
  const withGradient = differentiable<tf.Tensor1D>({
    inputs: { logits },
    forward(save) {
      save([probabilities, labels]);
      return loss.clone();
    },
    gradients: (dy, saved) => ({
      logits: () =>
        runNative(SOFTMAX_CROSS_ENTROPY_GRAD, { probabilities: saved[0]!, labels: saved[1]!, dy }, attrs),
    }),
  });
  return { loss: withGradient, probabilities };
}

/** The same, of TensorFlow.js ops; the gradient is one subtraction and one product. */
export function composedSoftmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  labelSmoothing: number,
): CrossEntropy {
  const classes = logits.shape[1];
  const [losses, probabilities, targets] = tf.tidy((): [tf.Tensor1D, tf.Tensor2D, tf.Tensor2D] => {
    // oneHot of the wasm backend writes integers, whatever its type
    const hot = tf.cast(tf.oneHot(labels, classes), 'float32');
    const target =
      labelSmoothing === 0 ? hot : tf.add(tf.mul(hot, 1 - labelSmoothing), labelSmoothing / classes);
    const shifted = tf.sub<tf.Tensor2D>(logits, tf.max(logits, 1, true));
    const log = tf.sub<tf.Tensor2D>(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    return [tf.neg(tf.sum<tf.Tensor1D>(tf.mul(target, log), 1)), tf.exp(log), target as tf.Tensor2D];
  });
  const loss = differentiable<tf.Tensor1D>({
    inputs: { logits },
    forward(save) {
      save([probabilities, targets]);
      return losses.clone();
    },
    gradients(dy, saved) {
      const [p, t] = saved as [tf.Tensor, tf.Tensor];
      const slope = (): tf.Tensor => tf.sub(tf.mul(p, tf.sum(t, 1, true)), t);
      return { logits: () => tf.mul(slope(), tf.reshape(dy, [-1, 1])) };
    },
  });
  return { loss, probabilities };
}
