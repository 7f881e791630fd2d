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

/** Kernels that change a tensor's shape and not its data. */
export const shapeKernels: KernelTable = {
  Reshape: reshape,
  Identity: (call) => call.backend.alias(input(call, 'x'), input(call, 'x').shape),
};
