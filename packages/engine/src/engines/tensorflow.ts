import type { EngineDefinition } from '../engine.ts';
import { installTensorflowGradients } from '../tensorflow/gradients.ts';
import { loadTensorflow } from '../tensorflow/load.ts';

/** TensorFlow's C library through @tensorflow/tfjs-node. */
export const tensorflow: EngineDefinition = {
  backend: 'tensorflow',
  speed: 'fast: native kernels, many threads',
  open: async ({ threads }) => {
    const version = loadTensorflow(threads);
    installTensorflowGradients();
    return { version, threads };
  },
};
