import { createRequire } from 'node:module';
import type { EngineDefinition } from '../engine.ts';
import { EngineUnavailableError } from '../errors.ts';

const REMEDY = 'run `nx run engine:install-tensorflow`';

/** TensorFlow's C library through @tensorflow/tfjs-node. */
export const tensorflow: EngineDefinition = {
  backend: 'tensorflow',
  speed: 'fast: native kernels, many threads',
  open: async ({ threads }) => {
    try {
      const node = createRequire(import.meta.url)('@tensorflow/tfjs-node') as { version: { 'tfjs-node': string } };
      return { version: `tfjs-node ${node.version['tfjs-node']}`, threads };
    } catch (cause) {
      throw new EngineUnavailableError('tensorflow', '@tensorflow/tfjs-node does not load', REMEDY, { cause });
    }
  },
};
