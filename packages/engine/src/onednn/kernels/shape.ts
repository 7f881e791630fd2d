import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { input, sizeOf, type KernelCall, type KernelTable } from '../kernel.ts';

function reshape(call: KernelCall): TensorInfo {
  const x = input(call, 'x');
  const shape = util.inferFromImplicitShape(call.attrs['shape'] as number[], sizeOf(x));
  util.assert(
    sizeOf(x) === util.sizeFromShape(shape),
    () =>
      `The new shape (${shape}) has ${util.sizeFromShape(shape)} elements and the old shape (${x.shape}) has ${sizeOf(x)} elements. The new shape and old shape must have the same number of elements.`,
  );
  return call.backend.alias(x, shape);
}

/** A shape with a dimension of 1 at `dim`, which counts from the end where it is negative. */
export function expandDims(shape: readonly number[], dim: number): number[] {
  const rank = shape.length;
  util.assert(-(rank + 1) <= dim, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
  return shape.toSpliced(dim < 0 ? rank + dim + 1 : dim, 0, 1);
}

function expanded(call: KernelCall): TensorInfo {
  const x = input(call, 'input');
  return call.backend.alias(x, expandDims(x.shape, call.attrs['dim'] as number));
}

/** Kernels that change a tensor's shape and not its data. */
export const shapeKernels: KernelTable = {
  Reshape: reshape,
  ExpandDims: expanded,
  Identity: (call) => call.backend.alias(input(call, 'x'), input(call, 'x').shape),
};
