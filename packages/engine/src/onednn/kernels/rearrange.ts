import { backend_util, slice_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import { bytesPerElement, isNumeric } from '../host-data.ts';
import { input, sizeOf, type KernelCall, type KernelTable } from '../kernel.ts';
import { expandDims } from './shape.ts';
import { copy, offsetOf, plain, stridesOf } from './strides.ts';

function transpose(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const perm = call.attrs['perm'] as number[];
  const strides = stridesOf(x.shape);
  const shape = perm.map((d) => x.shape[d]!);
  const y = call.backend.output(shape, x.dtype);
  const from = { offset: 0, strides: perm.map((d) => strides[d]!) };
  copy(call, 'transpose', shape, [x, from], [y, plain(shape)]);
  return y;
}

/** A box of `x`, as a tensor of that box's size in the given shape. */
function box(
  call: KernelCall,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
  shape: readonly number[] = size,
): TensorInfo {
  const strides = stridesOf(x.shape);
  const y = call.backend.output(shape, x.dtype);
  if (sizeOf(y) === 0) return y;
  copy(call, 'slice', size, [x, { offset: offsetOf(begin, strides), strides }], [y, plain(size)]);
  return y;
}

function slice(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const attrs = call.attrs as { begin: number[]; size: number[] };
  const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size) as [
    number[],
    number[],
  ];
  slice_util.assertParamsValid(x, begin, size);
  return box(call, x, begin, size);
}

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

function stridedSlice(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const a = call.attrs as StridedSliceAttrs;
  const masks = [a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask] as const;
  const info = slice_util.sliceInfo(x.shape, a.begin, a.end, a.strides, ...masks);
  if (info.isIdentity) return call.backend.alias(x, info.finalShape);
  const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides);
  const y = call.backend.output(info.finalShape, x.dtype);
  if (sizeOf(y) === 0) return y;
  const strides = stridesOf(x.shape);
  const from = {
    offset: offsetOf(info.begin, strides),
    strides: strides.map((stride, d) => stride * info.strides[d]!),
  };
  copy(call, 'slice', sizes, [x, from], [y, plain(sizes)]);
  return y;
}

/** Puts tensors one after another along an axis. */
function joined(call: KernelCall, tensors: readonly TensorInfo[], axis: number): TensorInfo {
  const shape = backend_util.computeOutShape(
    tensors.map((tensor) => tensor.shape),
    axis,
  );
  const y = call.backend.output(shape, tensors[0]!.dtype);
  const outer = util.sizeFromShape(shape.slice(0, axis));
  const inner = tensors.map((tensor) => util.sizeFromShape(tensor.shape.slice(axis)));
  call.backend.run('concat', [bytesPerElement(y.dtype), outer, inner.length, ...inner], tensors, [y]);
  return y;
}

function listed(call: KernelCall): TensorInfo[] | undefined {
  const tensors = Object.values(call.inputs).filter((tensor) => tensor !== undefined);
  const same = tensors.every(({ dtype }) => isNumeric(dtype) && dtype === tensors[0]!.dtype);
  return same && tensors.length > 0 ? tensors : undefined;
}

function concat(call: KernelCall): TensorInfo | undefined {
  const tensors = listed(call);
  if (!tensors) return undefined;
  const axis = util.parseAxisParam(call.attrs['axis'] as number, tensors[0]!.shape)[0]!;
  backend_util.assertParamsConsistent(
    tensors.map((tensor) => tensor.shape),
    axis,
  );
  return joined(call, tensors, axis);
}

function pack(call: KernelCall): TensorInfo | undefined {
  const tensors = listed(call);
  const [first] = tensors ?? [];
  if (!tensors || !first) return undefined;
  for (const { shape } of tensors)
    util.assertShapesMatch(first.shape, shape, 'All tensors passed to stack must have matching shapes');
  const shape = expandDims(first.shape, call.attrs['axis'] as number);
  const axis = call.attrs['axis'] as number;
  return joined(
    call,
    tensors.map((tensor) => ({ ...tensor, shape })),
    axis < 0 ? axis + shape.length : axis,
  );
}

function splitV(call: KernelCall): TensorInfo[] | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const axis = util.parseAxisParam(call.attrs['axis'] as number, x.shape)[0]!;
  const parts = backend_util.prepareSplitSize(
    x as never,
    call.attrs['numOrSizeSplits'] as number | number[],
    axis,
  );
  let place = 0;
  return parts.map((part) => {
    const begin = x.shape.map((_, d) => (d === axis ? place : 0));
    place += part;
    return box(call, x, begin, x.shape.with(axis, part));
  });
}

function unpack(call: KernelCall): TensorInfo[] | undefined {
  const x = input(call, 'value');
  if (!isNumeric(x.dtype)) return undefined;
  const attr = call.attrs['axis'] as number;
  const axis = attr < 0 ? attr + x.shape.length : attr;
  return Array.from({ length: x.shape[axis]! }, (_, i) => {
    const begin = x.shape.map((_, d) => (d === axis ? i : 0));
    return box(call, x, begin, x.shape.with(axis, 1), x.shape.toSpliced(axis, 1));
  });
}

function reverse(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const dims = util.parseAxisParam(call.attrs['dims'] as number[], x.shape);
  if (x.shape.length === 0) return call.backend.alias(x, x.shape);
  const y = call.backend.output(x.shape, x.dtype);
  if (sizeOf(x) === 0) return y;
  const strides = stridesOf(x.shape);
  const last = x.shape.map((size, d) => (dims.includes(d) ? size - 1 : 0));
  const from = {
    offset: offsetOf(last, strides),
    strides: strides.map((stride, d) => (dims.includes(d) ? -stride : stride)),
  };
  copy(call, 'reverse', x.shape, [x, from], [y, plain(x.shape)]);
  return y;
}

function tile(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const reps = call.attrs['reps'] as number[];
  const y = call.backend.output(
    x.shape.map((size, d) => size * reps[d]!),
    x.dtype,
  );
  if (sizeOf(y) === 0) return y;
  const [inStrides, outStrides] = [stridesOf(x.shape), stridesOf(y.shape)];
  const sizes = x.shape.flatMap((size, d) => [reps[d]!, size]);
  const from = { offset: 0, strides: inStrides.flatMap((stride) => [0, stride]) };
  const to = { offset: 0, strides: outStrides.flatMap((stride, d) => [stride * x.shape[d]!, stride]) };
  copy(call, 'tile', sizes, [x, from], [y, to]);
  return y;
}

/** Kernels that copy elements to other places. */
export const rearrangeKernels: KernelTable = {
  Transpose: transpose,
  Slice: slice,
  StridedSlice: stridedSlice,
  Concat: concat,
  Pack: pack,
  SplitV: splitV,
  Unpack: unpack,
  Reverse: reverse,
  Tile: tile,
};
