import * as tf from '@tensorflow/tfjs-core';
import { DROPOUT_LEVELS } from '../training/kernels.ts';
import { addressOf, floatsOf, kernelsOf, newTensor, zeroTensor } from './memory.ts';
import { input } from './registration.ts';
import type { KernelCall } from './registration.ts';

/** dx = dy where x > 0, else 0. Inputs x, dy of one shape. */
export function reluGradient(call: KernelCall): tf.TensorInfo {
  const [x, dy] = [input(call, 'x'), input(call, 'dy')];
  const dx = newTensor(call.backend, x.shape);
  const at = [x, dy, dx].map((tensor) => addressOf(call.backend, tensor));
  kernelsOf(call.backend).call['reluGradient']!(...at, tf.util.sizeFromShape(x.shape));
  return dx;
}

/** Sum over the leading axes of a float32 tensor; other sums are not ours. */
export function sumLeading(call: KernelCall): tf.TensorInfo | undefined {
  return reduceLeading(call, () => 1);
}

/** Mean over the leading axes of a float32 tensor; other means are not ours. */
export function meanLeading(call: KernelCall): tf.TensorInfo | undefined {
  return reduceLeading(call, (rows) => 1 / rows);
}

function reduceLeading(call: KernelCall, scale: (rows: number) => number): tf.TensorInfo | undefined {
  const x = input(call, 'x');
  const { axis, keepDims } = call.attrs as unknown as tf.SumAttrs;
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((p, q) => p - q);
  const leading = axes.length > 0 && axes.length < x.shape.length && axes.every((a, i) => a === i);
  if (!leading || x.dtype !== 'float32') return undefined;
  const kept = x.shape.slice(axes.length);
  const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
  const columns = tf.util.sizeFromShape(kept);
  const out = newTensor(call.backend, keepDims ? [...axes.map(() => 1), ...kept] : kept);
  const { call: run, scratch } = kernelsOf(call.backend);
  const [totals] = scratch(columns * 8) as [number];
  const at = [addressOf(call.backend, x), addressOf(call.backend, out), totals];
  run['columnSums']!(...at, rows, columns, scale(rows));
  return out;
}

/** The gradient of max pooling: dy goes to the first maximum of each window. */
export function maxPoolGradient(call: KernelCall): tf.TensorInfo {
  const [x, dy] = [input(call, 'input'), input(call, 'dy')];
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as unknown as tf.MaxPoolGradAttrs;
  const shape = x.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = zeroTensor(call.backend, x.shape);
  const sizes = [info.batchSize, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth];
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const at = [x, dy, dx].map((tensor) => addressOf(call.backend, tensor));
  const { call: run } = kernelsOf(call.backend);
  const apart = [filterHeight, filterWidth, strideHeight, strideWidth].every((size) => size === 2);
  if (apart && padInfo.bottom + padInfo.right === 0 && info.inChannels % 4 === 0) {
    run['maxPoolGradient2x2']!(...at, ...sizes);
    return dx;
  }
  const window = [filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left];
  run['maxPoolGradient']!(...at, ...sizes, ...window, info.dilationHeight, info.dilationWidth);
  return dx;
}

/** A clone shares its data: the stock kernel copies it, once for every tensor that a gradient saves. */
export function identity(call: KernelCall): tf.TensorInfo | undefined {
  const { dataId, shape, dtype } = input(call, 'x');
  if (dtype === 'string') return undefined;
  call.backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** Mean and variance (biased) over all axes but the last: [mean, variance], each [channels]. */
export function columnMoments(call: KernelCall): tf.TensorInfo[] {
  const { backend } = call;
  const x = input(call, 'x');
  const { rows, columns } = matrixOf(x);
  const [mean, variance] = [newTensor(backend, [columns]), newTensor(backend, [columns])];
  const { call: run, scratch } = kernelsOf(backend);
  const [totals] = scratch(columns * 8) as [number];
  const [xAt, meanAt, varianceAt] = [x, mean, variance].map((tensor) => addressOf(backend, tensor)) as [
    number,
    number,
    number,
  ];
  run['columnSums']!(xAt, meanAt, totals, rows, columns, 1 / rows);
  run['columnSquares']!(xAt, meanAt, varianceAt, totals, rows, columns, 1 / rows);
  return [mean, variance];
}

/** Over all axes but the last: [sum of dy, sum of dy * (x - mean)], each [channels]. */
export function columnDots(call: KernelCall): tf.TensorInfo[] {
  const { backend } = call;
  const [dy, x, mean] = [input(call, 'dy'), input(call, 'x'), input(call, 'mean')];
  const { rows, columns } = matrixOf(x);
  const out = [newTensor(backend, [columns]), newTensor(backend, [columns])];
  const { call: run, scratch } = kernelsOf(backend);
  const [totals] = scratch(columns * 16) as [number];
  const at = [dy, x, mean, ...out].map((tensor) => addressOf(backend, tensor));
  run['columnDots']!(...at, totals, rows, columns);
  return out;
}

/** y = x * scale + shift, scale and shift [channels]. */
export function scaleColumns(call: KernelCall): tf.TensorInfo {
  return perColumn(call, 'scaleColumns', ['x', 'scale', 'shift']);
}

/** a * p + b * q + r, where p, q, r are [channels]. */
export function blendColumns(call: KernelCall): tf.TensorInfo {
  return perColumn(call, 'blendColumns', ['a', 'p', 'b', 'q', 'r']);
}

/** Batch normalisation with given statistics, all of them [channels]; other shapes are not ours. */
export function batchNorm(call: KernelCall): tf.TensorInfo | undefined {
  const { backend, inputs } = call;
  const [x, mean, variance] = [input(call, 'x'), input(call, 'mean'), input(call, 'variance')];
  const { scale: gamma, offset: beta } = inputs;
  const given = [mean, variance, gamma, beta].filter((tensor) => tensor !== undefined);
  if (given.some(({ shape }) => shape.length !== 1) || x.dtype !== 'float32') return undefined;
  const epsilon = call.attrs['varianceEpsilon'] as number;
  const [scale, shift] = [newTensor(backend, mean.shape), newTensor(backend, mean.shape)];
  const values = (tensor: tf.TensorInfo | undefined): Float32Array | undefined =>
    tensor && floatsOf(backend, tensor);
  const [means, variances, gammas, betas] = [values(mean)!, values(variance)!, values(gamma), values(beta)];
  const [scales, shifts] = [values(scale)!, values(shift)!];
  means.forEach((centre, c) => {
    scales[c] = (gammas?.[c] ?? 1) / Math.sqrt(variances[c]! + epsilon);
    shifts[c] = (betas?.[c] ?? 0) - centre * scales[c]!;
  });
  const y = scaleColumns({ ...call, inputs: { x, scale, shift } });
  for (const tensor of [scale, shift]) backend.disposeData(tensor.dataId);
  return y;
}

/** The row x [columns] repeated to the attribute `shape`, whose last axes are the columns. */
export function repeatRow(call: KernelCall): tf.TensorInfo {
  const out = newTensor(call.backend, call.attrs['shape'] as number[]);
  const [row, all] = [floatsOf(call.backend, input(call, 'x')), floatsOf(call.backend, out)];
  all.set(row.subarray(0, all.length));
  for (let filled = row.length; filled < all.length; filled *= 2) all.copyWithin(filled, 0, filled);
  return out;
}

function perColumn(call: KernelCall, kernel: string, names: readonly string[]): tf.TensorInfo {
  const inputs = names.map((name) => input(call, name));
  const { rows, columns } = matrixOf(inputs[0]!);
  const out = newTensor(call.backend, inputs[0]!.shape);
  const at = [...inputs, out].map((tensor) => addressOf(call.backend, tensor));
  kernelsOf(call.backend).call[kernel]!(...at, rows, columns);
  return out;
}

/** A tensor seen as [rows, columns]: the last axis is the columns. */
function matrixOf(x: tf.TensorInfo): { rows: number; columns: number } {
  const columns = x.shape.at(-1) ?? 1;
  return { rows: tf.util.sizeFromShape(x.shape.slice(0, -1)), columns };
}

/** `SeededDropout` of training/kernels.ts. */
export function seededDropout(call: KernelCall): tf.TensorInfo {
  const { backend } = call;
  const [x, key] = [input(call, 'x'), input(call, 'key')];
  const rate = call.attrs['rate'] as number;
  const y = newTensor(backend, x.shape);
  const { call: run, scratch } = kernelsOf(backend);
  const [rest] = scratch(32) as [number];
  const at = [addressOf(backend, x), addressOf(backend, y), rest];
  const [k0, k1] = new Int32Array(backend.wasm.asm.memory.buffer, addressOf(backend, key), 2);
  const size = tf.util.sizeFromShape(x.shape);
  run['seededDropout']!(...at, size, k0!, k1!, Math.round(rate * DROPOUT_LEVELS), 1 / (1 - rate));
  return y;
}
