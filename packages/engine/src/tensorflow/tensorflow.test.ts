import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../open.ts';
import { batchNormTraining } from '../training/norm-block.ts';

/** Largest absolute difference of two tensors. */
function difference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);
}

/** The definition: Ioffe and Szegedy 2015, algorithm 1, left to TensorFlow.js to differentiate. */
function composedNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(
    x,
    x.shape.slice(0, -1).map((_, axis) => axis),
  );
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3))), gamma), beta);
}

const fusedNorm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
  batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y;

// where the engine is not installed, the same assertions hold for its absence and for the next engine's kernels
const opened = await openEngine({ name: 'tensorflow' }).catch(async (error: Error) => {
  expect(error).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    remedy: expect.stringContaining('install-tensorflow'),
  });
  return openEngine({ name: 'auto' });
});

describe(`training kernels of ${opened.name}`, () => {
  it.each([[[6, 5, 4, 3]], [[32, 3]]])('normalise a batch of %j as composed, with its gradients', (shape) => {
    tf.tidy(() => {
      const x = tf.randomNormal(shape, 1, 2, 'float32', 3);
      const [gamma, beta] = [tf.tensor1d([1, 2, 0.5]), tf.tensor1d([0, 1, -1])];
      const weights = tf.randomNormal(shape, 0, 1, 'float32', 9);
      const loss =
        (norm: typeof composedNorm) =>
        (...args: tf.Tensor[]) =>
          tf.sum(tf.mul(weights, tf.square(norm(args[0]!, args[1]!, args[2]!)))) as tf.Scalar;
      const ours = tf.grads(loss(fusedNorm))([x, gamma, beta]);
      const expected = tf.grads(loss(composedNorm))([x, gamma, beta]);
      expect(difference(fusedNorm(x, gamma, beta), composedNorm(x, gamma, beta))).toBeLessThan(1e-4);
      ours.forEach((gradient, i) => expect(difference(gradient, expected[i]!)).toBeLessThan(1e-3));
    });
  });

  it('keep the mean and the biased variance', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1, 10, 3, 30], [2, 2]);
      const { mean, variance } = batchNormTraining(x, tf.ones([2]), tf.zeros([2]), 1e-3);
      expect([...mean.dataSync()]).toEqual([2, 20]);
      expect([...variance.dataSync()]).toEqual([1, 100]);
    });
  });

  it('pass the gradient of relu where the input is positive', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(tf.mul(tf.relu(x), tf.tensor1d([1, 2, 3, 4]))));
      expect([...gradient(tf.tensor1d([-1, 0, 0.5, 7])).dataSync()]).toEqual([0, 0, 3, 4]);
    });
  });

  it('leave no tensors behind', () => {
    const step = (): void =>
      tf.tidy(() => {
        const loss = (...args: tf.Tensor[]) =>
          tf.sum(tf.relu(fusedNorm(args[0]!, args[1]!, args[2]!))) as tf.Scalar;
        tf.grads(loss)([tf.ones([4, 3]), tf.ones([3]), tf.zeros([3])]);
      });
    step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 10; i++) step();
    expect(tf.memory().numTensors).toBe(before);
  });
});
