import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { TRAINING_KERNELS } from '../src/training/kernels.ts';
import { trainingOpCases } from './training-op-cases.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('fused training ops on a backend without any kernel for them', () => {
  it('has none', () => {
    for (const name of TRAINING_KERNELS) expect([name, tf.getKernel(name, 'cpu')]).toEqual([name, undefined]);
  });

  it.each(trainingOpCases())('$name', ({ check }) => check());
});
