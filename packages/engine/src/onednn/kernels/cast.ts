import { util, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { isNumeric, typeCode } from '../host-data.ts';
import { input, sizeOf, type KernelCall, type KernelTable } from '../kernel.ts';

function cast(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const dtype = call.attrs['dtype'] as DataType;
  if (!isNumeric(x.dtype) || !isNumeric(dtype)) return undefined;
  if (x.dtype === dtype) return call.backend.alias(x, x.shape);
  const y = call.backend.output(x.shape, dtype);
  call.backend.run('cast', [sizeOf(x), typeCode(x.dtype), typeCode(dtype)], [x], [y]);
  return y;
}

function filled(call: KernelCall, shape: readonly number[], dtype: DataType, value: unknown) {
  if (!isNumeric(dtype) || typeof value === 'string') return undefined;
  const y = call.backend.output(shape, dtype);
  call.backend.run('fill', [util.sizeFromShape([...shape]), typeCode(dtype), Number(value)], [], [y]);
  return y;
}

function fill(call: KernelCall): TensorInfo | undefined {
  const { shape, value } = call.attrs as { shape: number[]; value: string | number };
  const dtype = (call.attrs['dtype'] as DataType | undefined) ?? util.inferDtype(value);
  return filled(call, shape, dtype, value);
}

const like =
  (value: number) =>
  (call: KernelCall): TensorInfo | undefined => {
    const x = input(call, 'x');
    return filled(call, x.shape, x.dtype, value);
  };

/** Changes of type, and tensors of one value: native/ops/cast.cc. */
export const castKernels: KernelTable = {
  Cast: cast,
  Fill: fill,
  ZerosLike: like(0),
  OnesLike: like(1),
};
