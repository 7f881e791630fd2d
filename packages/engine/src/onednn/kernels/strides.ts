import type { TensorInfo } from '@tensorflow/tfjs-core';
import { bytesPerElement } from '../host-data.ts';
import type { KernelCall } from '../kernel.ts';

/** Where the elements of one side lie, counted in elements. */
export interface Side {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** How far apart neighbours are along each dimension of a tensor without gaps. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!;
  return strides;
}

/** A whole tensor without gaps. */
export function plain(shape: readonly number[]): Side {
  return { offset: 0, strides: stridesOf(shape) };
}

/** The place of the element at `begin`. */
export function offsetOf(begin: readonly number[], strides: readonly number[]): number {
  return begin.reduce((sum, place, d) => sum + place * strides[d]!, 0);
}

/** Copies elements of `x` to elements of `y`: native/ops/rearrange.cc. */
export function copy(
  call: KernelCall,
  operation: string,
  sizes: readonly number[],
  [x, from]: readonly [TensorInfo, Side],
  [y, to]: readonly [TensorInfo, Side],
): void {
  const side = ({ offset, strides }: Side): number[] => [offset, strides.length, ...strides];
  const numbers = [bytesPerElement(x.dtype), sizes.length, ...sizes, ...side(from), ...side(to)];
  call.backend.run(operation, numbers, [x], [y]);
}
