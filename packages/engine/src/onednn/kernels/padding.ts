import type { TensorInfo } from '@tensorflow/tfjs-core';
import { isNumeric, typeCode } from '../host-data.ts';
import { input, sizeOf, type KernelCall, type KernelTable } from '../kernel.ts';
import { copy, offsetOf, plain, stridesOf } from './strides.ts';

function pad(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype)) return undefined;
  const { paddings, constantValue } = call.attrs as { paddings: [number, number][]; constantValue: number };
  const shape = paddings.map(([before, after], d) => before + x.shape[d]! + after);
  const y = call.backend.output(shape, x.dtype);
  call.backend.run('fill', [sizeOf(y), typeCode(x.dtype), constantValue], [], [y]);
  if (sizeOf(x) === 0) return y;
  const strides = stridesOf(shape);
  const begin = paddings.map(([before]) => before);
  copy(call, 'pad', x.shape, [x, plain(x.shape)], [y, { offset: offsetOf(begin, strides), strides }]);
  return y;
}

/** Part of a mirrored axis: `size` elements from `to` on, read from `from` on forwards or backwards. */
interface Mirrored {
  readonly to: number;
  readonly from: number;
  readonly size: number;
  readonly step: 1 | -1;
}

function mirrored(size: number, before: number, after: number, edge: number): Mirrored[] {
  const parts: Mirrored[] = [
    { to: 0, from: before - edge, size: before, step: -1 },
    { to: before, from: 0, size, step: 1 },
    { to: before + size, from: size - 2 + edge, size: after, step: -1 },
  ];
  return parts.filter((part) => part.size > 0);
}

function mirrorPad(call: KernelCall): TensorInfo | undefined {
  const x = input(call, 'x');
  if (!isNumeric(x.dtype) || sizeOf(x) === 0) return undefined;
  const { paddings, mode } = call.attrs as { paddings: [number, number][]; mode: 'reflect' | 'symmetric' };
  const edge = mode === 'reflect' ? 0 : 1;
  const axes = x.shape.map((size, d) => mirrored(size, ...paddings[d]!, edge));
  const y = call.backend.output(
    x.shape.map((size, d) => size + paddings[d]![0] + paddings[d]![1]),
    x.dtype,
  );
  const [inStrides, outStrides] = [stridesOf(x.shape), stridesOf(y.shape)];
  const combinations = axes.reduce<Mirrored[][]>(
    (sets, parts) => sets.flatMap((set) => parts.map((part) => [...set, part])),
    [[]],
  );
  for (const parts of combinations) {
    const places = (key: 'from' | 'to', strides: number[]): number =>
      offsetOf(
        parts.map((part) => part[key]),
        strides,
      );
    const sizes = parts.map((part) => part.size);
    const strides = inStrides.map((stride, d) => stride * parts[d]!.step);
    copy(
      call,
      'mirrorPad',
      sizes,
      [x, { offset: places('from', inStrides), strides }],
      [y, { offset: places('to', outStrides), strides: outStrides }],
    );
  }
  return y;
}

/** Borders around a tensor: a fill or its mirror image, and copies (native/ops/rearrange.cc). */
export const paddingKernels: KernelTable = {
  PadV2: pad,
  MirrorPad: mirrorPad,
};
