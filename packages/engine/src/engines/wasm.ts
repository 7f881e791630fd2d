import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { EngineDefinition } from '../engine.ts';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

/** WebAssembly with SIMD, one thread (TensorFlow.js turns wasm threads off in Node). */
export const wasm: EngineDefinition = {
  backend: 'wasm',
  speed: 'medium: everywhere, with no compiler',
  open: async () => {
    const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(PACKAGE))}${sep}`);
    return { version: `tfjs ${version_wasm}`, threads: 1 };
  },
};
