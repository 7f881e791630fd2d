import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../src/index.ts';
import { centralDifferences, crossEntropyReference } from '../reference.ts';
import { FP32, leakFree, near, numbers, tensor, type TrainingOpCase } from './figures.ts';

function crossEntropyCase(n: number, classes: number, smoothing: number, scale: number): TrainingOpCase {
  const check = leakFree(() => {
    const logits = numbers(51, n * classes).map((value) => Math.fround(value * scale));
    const labels = Array.from({ length: n }, (_, i) => (i * 7) % classes);
    const labelTensor = tf.tensor1d(labels, 'int32');
    const run = (input: tf.Tensor) => softmaxCrossEntropy(input as tf.Tensor2D, labelTensor, smoothing);
    const expected = crossEntropyReference(logits, labels, smoothing);
    const { loss, probabilities } = run(tensor(logits, [n, classes]));
    near('loss', loss.dataSync(), expected.losses, FP32.value);
    near('probabilities', probabilities.dataSync(), expected.probabilities, FP32.value);
    const weights = numbers(52, n);
    const gradient = tf.grad((input: tf.Tensor) => tf.sum(tf.mul(run(input).loss, tensor(weights, [n]))));
    const f = (at: readonly number[]): number[] => crossEntropyReference(at, labels, smoothing).losses;
    const slopes = centralDifferences(f, logits, weights);
    near('gradient', gradient(tensor(logits, [n, classes])).dataSync(), slopes, FP32.gradient);
  });
  return {
    name: `SoftmaxCrossEntropy of [${n}, ${classes}], smoothing ${smoothing}, logits to ${scale}`,
    check,
  };
}

/** The loss, which is fp32 in every precision. */
export const crossEntropyCases: readonly TrainingOpCase[] = [
  crossEntropyCase(5, 10, 0, 3),
  crossEntropyCase(3, 4, 0.1, 60),
  crossEntropyCase(33, 17, 0.2, 1),
];
