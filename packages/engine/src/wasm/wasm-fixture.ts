import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { installWasmTraining } from './training.ts';

/** Opens wasm and makes it able to train, for the tests of this folder; the cpu backend is their reference. */
export async function openWasmForTests(): Promise<void> {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`);
  await tf.setBackend('wasm');
  installWasmTraining();
}

/** What `build` computes on a backend: the values of each tensor it returns. */
export function valuesOn(backend: 'wasm' | 'cpu', build: () => tf.Tensor[]): Float32Array[] {
  tf.setBackend(backend);
  const out = tf.tidy(() => build().map((tensor) => tensor.dataSync().slice() as Float32Array));
  tf.setBackend('wasm');
  return out;
}

/** The largest |wasm - cpu| over the outputs, relative to the largest |cpu| (or 1). */
export function worstDifference(build: () => tf.Tensor[]): number {
  const [ours, reference] = [valuesOn('wasm', build), valuesOn('cpu', build)];
  let worst = 0;
  reference.forEach((expected, i) => {
    const actual = ours[i]!;
    if (actual.length !== expected.length)
      throw new Error(`Output ${i}: ${actual.length} values, not ${expected.length}.`);
    const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    expected.forEach((value, j) => {
      const difference = Math.abs(actual[j]! - value) / scale;
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
    });
  });
  return worst;
}

/** Numbers in [-1, 1), the same for the same seed: exact binary fractions, no two alike in practice. */
export function numbers(seed: number, ...shape: number[]): tf.Tensor {
  let state = (seed * 2654435761) >>> 0 || 1;
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  });
  return tf.tensor(values, shape);
}
