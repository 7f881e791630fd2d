import { backend_util, util, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { bytesPerElement, isNumeric, typeCode } from '../host-data.ts';
import { input, sizeOf, type KernelCall, type KernelTable } from '../kernel.ts';

function gather(call: KernelCall): TensorInfo | undefined {
  const [x, indices] = [input(call, 'x'), input(call, 'indices')];
  if (!isNumeric(x.dtype) || indices.dtype !== 'int32') return undefined;
  const axis = util.parseAxisParam(call.attrs['axis'] as number, x.shape)[0]!;
  const batchDims = (call.attrs['batchDims'] as number | undefined) ?? 0;
  const info = backend_util.segment_util.collectGatherOpShapeInfo(
    x as never,
    indices as never,
    axis,
    batchDims,
  );
  const places = info.batchSize === 0 ? 0 : sizeOf(indices) / info.batchSize;
  const y = call.backend.output(info.outputShape, x.dtype);
  const sizes = [info.batchSize, info.outerSize, info.dimSize, info.sliceSize, places];
  call.backend.run('gather', [bytesPerElement(x.dtype), ...sizes], [x, indices], [y]);
  return y;
}

function segmentSum(call: KernelCall): TensorInfo | undefined {
  const [x, segments] = [input(call, 'x'), input(call, 'segmentIds')];
  const count = call.attrs['numSegments'] as number;
  if (x.dtype !== 'float32' || segments.dtype !== 'int32' || segments.shape.length !== 1) return undefined;
  const [rows, ...rest] = x.shape;
  if (rows !== segments.shape[0]) return undefined;
  const y = call.backend.output([count, ...rest]);
  call.backend.run('segmentSum', [rows!, util.sizeFromShape(rest), count], [x, segments], [y]);
  return y;
}

function oneHot(call: KernelCall): TensorInfo | undefined {
  const indices = input(call, 'indices');
  const { depth, onValue, offValue } = call.attrs as { depth: number; onValue: number; offValue: number };
  const dtype = (call.attrs['dtype'] ?? 'int32') as DataType;
  if (indices.dtype !== 'int32' || !isNumeric(dtype)) return undefined;
  const y = call.backend.output([...indices.shape, depth], dtype);
  call.backend.run('oneHot', [typeCode(dtype), sizeOf(indices), depth, onValue, offValue], [indices], [y]);
  return y;
}

function gatherNd(call: KernelCall): TensorInfo | undefined {
  const [params, indices] = [input(call, 'params'), input(call, 'indices')];
  if (!isNumeric(params.dtype) || indices.dtype !== 'int32' || sizeOf(params) === 0) return undefined;
  const [shape, places, slice] = backend_util.prepareAndValidate(params as never, indices as never);
  const y = call.backend.output(shape, params.dtype);
  const sizes = params.shape.slice(0, indices.shape.at(-1));
  const numbers = [bytesPerElement(params.dtype), places, slice, sizes.length, ...sizes];
  call.backend.run('gatherNd', numbers, [params, indices], [y]);
  return y;
}

/** Rows by number: native/ops/gather.cc. */
export const gatherKernels: KernelTable = {
  GatherV2: gather,
  GatherNd: gatherNd,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
};
