import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { EngineDefinition } from '../engine.ts';
import { installWasmTraining } from '../wasm/training.ts';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

/**
 * Emscripten's start-up takes over the process's uncaught errors and throws them again from inside its minified source:
 * another exit code, and pages of noise. They stay the program's own.
 */
async function withoutNewListeners(start: () => Promise<unknown>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  await start();
  events.forEach((event, i) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener as () => void);
    }
  });
}

/** WebAssembly with SIMD, one thread (TensorFlow.js turns wasm threads off in Node). */
export const wasm: EngineDefinition = {
  backend: 'wasm',
  speed: 'medium: everywhere, with no compiler',
  open: async () => {
    const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(PACKAGE))}${sep}`);
    await withoutNewListeners(() => tf.setBackend('wasm'));
    installWasmTraining();
    return { version: `tfjs ${version_wasm}`, threads: 1 };
  },
};
