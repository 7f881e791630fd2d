import * as tf from '@tensorflow/tfjs-core';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js';
import '@tensorflow/tfjs-backend-cpu';
import type { WasmBackend } from './memory.ts';
import { input } from './registration.ts';
import type { Kernel, KernelCall } from './registration.ts';

/** Training kernels that the wasm backend lacks and that the cpu backend does on copies of the operands: right, not fast. */
export const BORROWED = [
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'Einsum',
] as const;

/** The cpu backend's kernel of that name, for wasm tensors. */
export function borrowedKernel(name: string): Kernel {
  return ({ inputs, backend, attrs }) => {
    const cpu = tf.findBackend('cpu') as MathBackendCPU;
    const kernel = tf.getKernel(name, 'cpu').kernelFunc;
    const lent = isList(inputs)
      ? inputs.map((tensor) => lend(cpu, backend, tensor))
      : mapValues(inputs, (t) => lend(cpu, backend, t));
    const out = kernel({
      inputs: lent as tf.NamedTensorInfoMap,
      backend: cpu,
      attrs: attrs as tf.NamedAttrMap,
    });
    const result = takeBack(cpu, backend, out as tf.TensorInfo);
    for (const tensor of Object.values(lent)) cpu.disposeIntermediateTensorInfo(tensor as tf.TensorInfo);
    return result;
  };
}

/** out[segment] = the sum of the rows of x with that segment id; ids outside [0, numSegments) count nowhere. */
export function unsortedSegmentSum(call: KernelCall): tf.TensorInfo | tf.TensorInfo[] {
  const [x, ids] = [input(call, 'x'), input(call, 'segmentIds')];
  if (x.dtype !== 'float32' || ids.shape.length !== 1) return borrowedKernel('UnsortedSegmentSum')(call);
  const numSegments = call.attrs['numSegments'] as number;
  const width = tf.util.sizeFromShape(x.shape.slice(1));
  const rows = call.backend.readSync(x.dataId) as Float32Array;
  const sums = new Float32Array(numSegments * width);
  (call.backend.readSync(ids.dataId) as Int32Array).forEach((segment, row) => {
    if (segment < 0 || segment >= numSegments) return;
    for (let i = 0; i < width; i++) sums[segment * width + i]! += rows[row * width + i]!;
  });
  return write(call.backend, [numSegments, ...x.shape.slice(1)], 'float32', sums);
}

function lend(
  cpu: MathBackendCPU,
  backend: WasmBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo {
  return cpu.makeTensorInfo(shape, dtype, backend.readSync(dataId) as tf.TypedArray);
}

function takeBack(cpu: MathBackendCPU, backend: WasmBackend, out: tf.TensorInfo): tf.TensorInfo {
  const values = cpu.readSync(out.dataId) as tf.TypedArray;
  const result = write(backend, out.shape, out.dtype, values);
  cpu.disposeIntermediateTensorInfo(out);
  return result;
}

function write(
  backend: WasmBackend,
  shape: number[],
  dtype: tf.DataType,
  values: tf.TypedArray,
): tf.TensorInfo {
  const dataId = backend.write(values, shape, dtype);
  return { dataId, shape, dtype };
}

function isList(inputs: unknown): inputs is tf.TensorInfo[] {
  return Array.isArray(inputs);
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
