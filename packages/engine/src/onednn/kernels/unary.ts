import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { input, sizeOf, type KernelCall, type KernelTable, type NativeKernel } from '../kernel.ts';

/** The operation by the type of its input; a type that is not there is the cpu kernel's. */
type Operations = Partial<Record<DataType, string>>;

function unary(
  operations: Operations,
  numbers: (attrs: KernelCall['attrs']) => number[] = () => [],
  result?: DataType,
): NativeKernel {
  return (call): TensorInfo | undefined => {
    const x = input(call, 'x');
    const operation = operations[x.dtype];
    if (operation === undefined) return undefined;
    const y = call.backend.output(x.shape, result ?? x.dtype);
    call.backend.run(operation, [sizeOf(x), ...numbers(call.attrs)], [x], [y]);
    return y;
  };
}

const FLOAT = {
  ...{ Relu6: 'relu6', Elu: 'elu', Selu: 'selu', Sigmoid: 'sigmoid', Tanh: 'tanh', Softplus: 'softplus' },
  ...{ Exp: 'exp', Expm1: 'expm1', Log: 'log', Log1p: 'log1p', Sqrt: 'sqrt', Rsqrt: 'rsqrt', Erf: 'erf' },
  ...{ Square: 'square', Abs: 'abs', Reciprocal: 'reciprocal', Floor: 'floor', Ceil: 'ceil', Round: 'round' },
  ...{ Sin: 'sin', Cos: 'cos', Tan: 'tan', Sinh: 'sinh', Cosh: 'cosh', Asin: 'asin', Acos: 'acos' },
  ...{ Atan: 'atan', Asinh: 'asinh', Acosh: 'acosh', Atanh: 'atanh' },
};

const attr =
  (...names: string[]) =>
  (attrs: KernelCall['attrs']): number[] =>
    names.map((name) => Number(attrs[name]));

/** Elementwise functions of one tensor: native/ops/unary.cc. */
export const unaryKernels: KernelTable = {
  ...Object.fromEntries(
    Object.entries(FLOAT).map(([name, operation]) => [name, unary({ float32: operation })]),
  ),
  Relu: unary({ float32: 'relu', int32: 'reluInt' }),
  Neg: unary({ float32: 'neg', int32: 'negInt' }),
  Sign: unary({ float32: 'sign', int32: 'signInt' }),
  LeakyRelu: unary({ float32: 'leakyRelu' }, attr('alpha')),
  Step: unary({ float32: 'step' }, attr('alpha')),
  ClipByValue: unary({ float32: 'clipByValue' }, attr('clipValueMin', 'clipValueMax')),
  IsNan: unary({ float32: 'isNan' }, undefined, 'bool'),
  IsInf: unary({ float32: 'isInf' }, undefined, 'bool'),
  IsFinite: unary({ float32: 'isFinite' }, undefined, 'bool'),
  LogicalNot: unary({ bool: 'logicalNot' }, undefined, 'bool'),
};
