import * as tf from '@tensorflow/tfjs-core';
import type { OnednnBackend } from './backend.ts';

export const BACKEND = 'onednn';

/** What a native kernel is called with. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo | undefined>>;
  // attributes are what the operation of that name puts there; TensorFlow.js types them loosely
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly attrs: Readonly<Record<string, any>>;
  readonly backend: OnednnBackend;
}

/** Answers undefined for cases it does not know: the cpu backend's kernel does them. */
export type NativeKernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/** A table of kernels by their TensorFlow.js name. */
export type KernelTable = Readonly<Record<string, NativeKernel>>;

/** The input of that name; a kernel called without it is a bug of the caller. */
export function input(call: KernelCall, name: string): tf.TensorInfo {
  const tensor = call.inputs[name];
  if (!tensor) throw new TypeError(`a kernel was called without its input '${name}'`);
  return tensor;
}

export function areFloat(...tensors: (tf.TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');
}

export function sizeOf(tensor: tf.TensorInfo): number {
  return tf.util.sizeFromShape(tensor.shape);
}
