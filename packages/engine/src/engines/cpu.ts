import * as tf from '@tensorflow/tfjs-core';
import type { EngineDefinition } from '../engine.ts';
import { registerCpuKernels } from '../training/cpu-kernels.ts';

/** Plain JavaScript: slow, runs everywhere, the reference in tests. */
export const cpu: EngineDefinition = {
  backend: 'cpu',
  speed: 'slow: the reference in tests',
  open: async () => {
    const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
    // its first operation would print an advertisement for tfjs-node
    Object.assign(tf.findBackend('cpu'), { firstUse: false });
    registerCpuKernels();
    return { version: `tfjs ${version_cpu}`, threads: 1 };
  },
};
