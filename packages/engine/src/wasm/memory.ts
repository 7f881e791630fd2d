import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { KERNELS_WASM } from './kernel-file.ts';

/** Node has it; the types of Node 20 do not. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What this folder uses of the TensorFlow.js wasm backend (4.22.0): its tensors live in one Emscripten heap. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: { readonly buffer: ArrayBuffer } };
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly tfjs: {
      registerTensor(id: number, size: number, address: number): void;
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: { get(dataId: object): { id: number; memoryOffset: number } };
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  disposeData(dataId: object): boolean;
}

type Entry = (...args: (number | boolean)[]) => void;

/** The compiled kernels, bound to the backend's own memory, and the scratch space they share. */
export interface Kernels {
  readonly call: Readonly<Record<string, Entry>>;
  /** Addresses of consecutive 16-byte aligned areas of the given sizes. Valid until the next call. */
  scratch(...bytes: number[]): number[];
}

const ALIGNMENT = 16;
const opened = new WeakMap<WasmBackend, Kernels>();

/** The kernels of a backend; instantiated at the first call. */
export function kernelsOf(backend: WasmBackend): Kernels {
  const known = opened.get(backend);
  if (known) return known;
  const module = new WebAssembly.Module(readFileSync(KERNELS_WASM));
  const env = { memory: backend.wasm.asm.memory };
  const { exports } = new WebAssembly.Instance(module, { env });
  const kernels = { call: exports as Record<string, Entry>, scratch: scratchOn(backend) };
  opened.set(backend, kernels);
  return kernels;
}

/** One area that only grows, so that a training step allocates nothing once it has run. */
function scratchOn({ wasm }: WasmBackend): Kernels['scratch'] {
  let address = 0;
  let capacity = 0;
  return (...sizes) => {
    const aligned = sizes.map((size) => Math.ceil(size / ALIGNMENT) * ALIGNMENT);
    const total = aligned.reduce((sum, size) => sum + size, ALIGNMENT);
    if (total > capacity) {
      if (address) wasm._free(address);
      address = wasm._malloc(total) >>> 0;
      capacity = total;
    }
    let next = Math.ceil(address / ALIGNMENT) * ALIGNMENT;
    return aligned.map((size) => (next += size) - size);
  };
}

/** Where the tensor's first element lies. */
export function addressOf(backend: WasmBackend, tensor: tf.TensorInfo): number {
  return backend.dataIdMap.get(tensor.dataId).memoryOffset;
}

/** A new tensor of the backend; its contents are whatever lay there before. */
export function newTensor(backend: WasmBackend, shape: readonly number[]): tf.TensorInfo {
  return backend.makeOutput([...shape], 'float32');
}

/** The tensor's elements where they lie. Valid until the heap grows: use at once. */
export function floatsOf(backend: WasmBackend, tensor: tf.TensorInfo): Float32Array {
  const size = tf.util.sizeFromShape(tensor.shape);
  return new Float32Array(backend.wasm.asm.memory.buffer, addressOf(backend, tensor), size);
}

/** A new tensor full of zeros, for kernels that add to what is there. */
export function zeroTensor(backend: WasmBackend, shape: readonly number[]): tf.TensorInfo {
  const tensor = newTensor(backend, shape);
  floatsOf(backend, tensor).fill(0);
  return tensor;
}

/**
 * Tells the backend that a tensor's elements were written. Its XNNPACK kernels keep weights packed, by the number of their
 * tensor; registering it anew makes them forget.
 */
export function forgetPacked(backend: WasmBackend, { dataId, shape }: tf.TensorInfo): void {
  const { id, memoryOffset } = backend.dataIdMap.get(dataId);
  backend.wasm.tfjs.disposeData(id);
  backend.wasm.tfjs.registerTensor(id, tf.util.sizeFromShape(shape), memoryOffset);
}
