import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './memory.ts';

/** What a kernel of this folder is called with. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly backend: WasmBackend;
  readonly attrs: Readonly<Record<string, unknown>>;
}

export type Kernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

/** The input of that name; a kernel called without it is a bug of the caller. */
export function input(call: KernelCall, name: string): tf.TensorInfo {
  const tensor = call.inputs[name];
  if (!tensor) throw new TypeError(`A wasm kernel was called without its input '${name}'.`);
  return tensor;
}

/** Registers `kernel` for the wasm backend, in place of the one that is there, if any. */
export function registerWasmKernel(name: string, kernel: Kernel): void {
  if (tf.getKernel(name, 'wasm')) tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({
    kernelName: name,
    backendName: 'wasm',
    kernelFunc: kernel as unknown as tf.KernelFunc,
  });
}

/**
 * Registers `kernel` for the cases it knows: it answers undefined for the others, and the kernel registered before does them.
 */
export function overrideWasmKernel(
  name: string,
  kernel: (call: KernelCall) => tf.TensorInfo | undefined,
): void {
  const before = tf.getKernel(name, 'wasm').kernelFunc as unknown as Kernel;
  registerWasmKernel(name, (call) => kernel(call) ?? before(call));
}
