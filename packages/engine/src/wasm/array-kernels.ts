import { util } from '@tensorflow/tfjs-core';
import { registerArrayKernels } from '../training/array-kernels.ts';
import { addressOf, forgetPacked, floatsOf, newTensor, type WasmBackend } from './memory.ts';

/** Updates in place and dropout in JavaScript, on the backend's own memory. */
export function registerWasmArrayKernels(): void {
  registerArrayKernels('wasm', (opened) => {
    const backend = opened as WasmBackend;
    return {
      create: (shape) => newTensor(backend, shape),
      floats: (tensor) => floatsOf(backend, tensor),
      integers: (tensor) => {
        const { buffer } = backend.wasm.asm.memory;
        return new Int32Array(buffer, addressOf(backend, tensor), util.sizeFromShape(tensor.shape));
      },
      changed: (tensor) => forgetPacked(backend, tensor),
    };
  });
}
