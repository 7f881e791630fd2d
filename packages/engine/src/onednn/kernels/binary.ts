import { broadcast_util, util, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { isNumeric, typeCode } from '../host-data.ts';
import { input, sizeOf, type KernelCall, type KernelTable, type NativeKernel } from '../kernel.ts';

interface Binary {
  /** The native operation by the type of both inputs; a type that is not there is the cpu kernel's. */
  readonly operations: Partial<Record<DataType, string>>;
  readonly result?: DataType;
  readonly names?: readonly [string, string];
}

function withShape(shape: readonly number[]): number[] {
  return [shape.length, ...shape];
}

function binary({ operations, result, names = ['a', 'b'] }: Binary): NativeKernel {
  return (call): TensorInfo | undefined => {
    const [a, b] = [input(call, names[0]), input(call, names[1])];
    const operation = operations[a.dtype];
    if (operation === undefined || a.dtype !== b.dtype) return undefined;
    const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const y = call.backend.output(shape, result ?? a.dtype);
    call.backend.run(operation, [...withShape(a.shape), ...withShape(b.shape)], [a, b], [y]);
    return y;
  };
}

const arithmetic = (name: string): NativeKernel =>
  binary({ operations: { float32: name, int32: `${name}Int` } });

const comparison = (name: string): NativeKernel =>
  binary({ operations: { float32: name, int32: `${name}Int`, bool: `${name}Bool` }, result: 'bool' });

const logical = (name: string): NativeKernel => binary({ operations: { bool: name }, result: 'bool' });

function addN(call: KernelCall): TensorInfo | undefined {
  const tensors = Object.values(call.inputs).filter((tensor) => tensor !== undefined);
  const [first] = tensors;
  if (!first || !tensors.every(({ dtype, shape }) => isFloatOf(dtype, shape, first))) return undefined;
  const y = call.backend.output(first.shape);
  call.backend.run('addN', [sizeOf(first)], tensors, [y]);
  return y;
}

function isFloatOf(dtype: DataType, shape: number[], first: TensorInfo): boolean {
  return dtype === 'float32' && util.arraysEqual(shape, first.shape);
}

function select(call: KernelCall): TensorInfo | undefined {
  const [condition, t, e] = [input(call, 'condition'), input(call, 't'), input(call, 'e')];
  const whole = [condition, e].every(({ shape }) => util.arraysEqual(shape, t.shape));
  // a condition per row is the cpu kernel's
  if (!whole || condition.dtype !== 'bool' || t.dtype !== e.dtype || !isNumeric(t.dtype)) return undefined;
  const y = call.backend.output(t.shape, t.dtype);
  call.backend.run('select', [sizeOf(t), typeCode(t.dtype)], [condition, t, e], [y]);
  return y;
}

/** Elementwise functions of two tensors and more: native/ops/binary.cc. */
export const binaryKernels: KernelTable = {
  Add: arithmetic('add'),
  Sub: arithmetic('sub'),
  Multiply: arithmetic('multiply'),
  RealDiv: arithmetic('realDiv'),
  Maximum: arithmetic('maximum'),
  Minimum: arithmetic('minimum'),
  SquaredDifference: arithmetic('squaredDifference'),
  Pow: arithmetic('pow'),
  Mod: arithmetic('mod'),
  FloorDiv: binary({ operations: { float32: 'floorDiv', int32: 'floorDivInt' }, result: 'int32' }),
  Atan2: binary({ operations: { float32: 'atan2' } }),
  Prelu: binary({ operations: { float32: 'prelu' }, names: ['x', 'alpha'] }),
  EluGrad: binary({ operations: { float32: 'eluGradient' }, names: ['dy', 'y'] }),
  Equal: comparison('equal'),
  NotEqual: comparison('notEqual'),
  Less: comparison('less'),
  LessEqual: comparison('lessEqual'),
  Greater: comparison('greater'),
  GreaterEqual: comparison('greaterEqual'),
  LogicalAnd: logical('logicalAnd'),
  LogicalOr: logical('logicalOr'),
  AddN: addN,
  Select: select,
};
