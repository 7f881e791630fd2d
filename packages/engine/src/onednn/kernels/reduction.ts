import { backend_util, util, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { input, sizeOf, type KernelCall, type KernelTable, type NativeKernel } from '../kernel.ts';

type Operations = Partial<Record<DataType, string>>;

function axesOf(call: KernelCall, x: TensorInfo): number[] {
  // Max calls it reductionIndices
  const axis = (call.attrs['axis'] ?? call.attrs['reductionIndices']) as number | number[] | undefined;
  return util.parseAxisParam(axis as number | number[], x.shape);
}

/** The operation by the type of its input; a type that is not there is the cpu kernel's, as is a reduction of nothing. */
function reduction(operations: Operations, result?: (dtype: DataType) => DataType): NativeKernel {
  return (call): TensorInfo | undefined => {
    const x = input(call, 'x');
    const operation = operations[x.dtype];
    if (operation === undefined || sizeOf(x) === 0) return undefined;
    const axes = axesOf(call, x);
    const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const kept = call.attrs['keepDims'] ? backend_util.expandShapeToKeepDim(shape, axes) : shape;
    const y = call.backend.output(kept, result?.(x.dtype) ?? x.dtype);
    const flags = x.shape.map((_, d) => Number(axes.includes(d)));
    call.backend.run(operation, [x.shape.length, ...x.shape, flags.length, ...flags], [x], [y]);
    return y;
  };
}

/** Sizes before, of, and after one dimension: the numbers of native/ops/scan.cc. */
function line(shape: readonly number[], axis: number): number[] {
  const size = (part: readonly number[]): number => util.sizeFromShape([...part]);
  return [size(shape.slice(0, axis)), shape[axis]!, size(shape.slice(axis + 1))];
}

const argExtreme =
  (name: string): NativeKernel =>
  (call): TensorInfo | undefined => {
    const x = input(call, 'x');
    const operation = ({ float32: name, int32: `${name}Int` } as Operations)[x.dtype];
    const [axis] = axesOf(call, x);
    if (operation === undefined || axis === undefined || sizeOf(x) === 0) return undefined;
    const y = call.backend.output(x.shape.toSpliced(axis, 1), 'int32');
    call.backend.run(operation, line(x.shape, axis), [x], [y]);
    return y;
  };

function cumsum(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  const operation = ({ float32: 'cumsum', int32: 'cumsumInt' } as Operations)[x.dtype];
  const [axis] = axesOf(call, x);
  if (operation === undefined || axis === undefined) return undefined;
  const y = call.backend.output(x.shape, x.dtype);
  const flags = [call.attrs['exclusive'], call.attrs['reverse']].map((flag) => (flag ? 1 : 0));
  call.backend.run(operation, [...line(x.shape, axis), ...flags], [x], [y]);
  return y;
}

function softmax(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'logits');
  const rank = x.shape.length;
  const dim = call.attrs['dim'] as number;
  if (x.dtype !== 'float32' || rank === 0 || (dim !== -1 && dim !== rank - 1)) return undefined;
  const classes = x.shape[rank - 1]!;
  const y = call.backend.output(x.shape);
  call.backend.run('softmax', [classes === 0 ? 0 : sizeOf(x) / classes, classes], [x], [y]);
  return y;
}

function topK(call: KernelCall): TensorInfo[] | undefined {
  const x = input(call, 'x');
  const operation = ({ float32: 'topK', int32: 'topKInt' } as Operations)[x.dtype];
  const k = call.attrs['k'] as number;
  const length = x.shape.at(-1);
  if (operation === undefined || length === undefined || k > length || sizeOf(x) === 0) return undefined;
  const shape = x.shape.with(-1, k);
  const outputs = [call.backend.output(shape, x.dtype), call.backend.output(shape, 'int32')];
  call.backend.run(operation, [sizeOf(x) / length, length, k], [x], outputs);
  return outputs;
}

/** Reductions (native/ops/reduce.cc) and what goes along one dimension (native/ops/scan.cc). */
export const reductionKernels: KernelTable = {
  Sum: reduction({ float32: 'sum', int32: 'sumInt' }),
  Mean: reduction({ float32: 'mean', int32: 'meanInt', bool: 'meanBool' }, () => 'float32'),
  Prod: reduction({ float32: 'prod', int32: 'prodInt' }),
  Max: reduction({ float32: 'max', int32: 'maxInt' }),
  Min: reduction({ float32: 'min', int32: 'minInt' }),
  All: reduction({ bool: 'all' }),
  Any: reduction({ bool: 'any' }),
  ArgMax: argExtreme('argMax'),
  ArgMin: argExtreme('argMin'),
  Cumsum: cumsum,
  Softmax: softmax,
  TopK: topK,
};
