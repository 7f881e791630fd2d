import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-entropy of softmax(logits) with probabilities of classes, in nats, per sample: [n]. The gradient flows to the logits.
 * @param logits [n, classes]
 * @param targets [n, classes], each row sums to 1
 * @param labelSmoothing share of the target spread evenly over all classes
 */
export function softCrossEntropy(
  logits: tf.Tensor2D,
  targets: tf.Tensor2D,
  labelSmoothing: number,
): tf.Tensor1D {
  return tf.tidy(() => {
    const smoothed =
      labelSmoothing === 0
        ? targets
        : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / logits.shape[1]);
    return tf.neg(tf.sum<tf.Tensor1D>(tf.mul(smoothed, tf.logSoftmax(logits)), 1));
  });
}
