import * as tf from '@tensorflow/tfjs-core';
import { panelBytes } from './convolutions.ts';
import { addressOf, kernelsOf, newTensor, zeroTensor } from './memory.ts';
import type { WasmBackend } from './memory.ts';
import { input } from './registration.ts';
import type { KernelCall } from './registration.ts';

const ROW_BLOCK = 64;
const DEPTH_BLOCK = 256;
const TILE_BYTES = 128;

interface Product {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** a x b for float32 matrices or batches of them, either operand transposed; batch dimensions broadcast. */
export function matMul(call: KernelCall): tf.TensorInfo | undefined {
  const { backend, attrs } = call;
  const [a, b] = [input(call, 'a'), input(call, 'b')];
  const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (inner !== k)
    throw new Error(`matMul: inner dimensions of ${a.shape} and ${b.shape} differ (${k}, ${inner}).`);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const c = (transposeA ? zeroTensor : newTensor)(backend, [...batch, m, n]);
  const offsets = batchOffsets(batch, a.shape.slice(0, -2), b.shape.slice(0, -2));
  offsets.forEach(([ia, ib], ic) => {
    const product = {
      ...{ a: addressOf(backend, a) + ia * m * k * 4, b: addressOf(backend, b) + ib * k * n * 4 },
      ...{ c: addressOf(backend, c) + ic * m * n * 4, m, k, n },
    };
    multiply(backend, product, transposeA, transposeB);
  });
  return c;
}

function multiply(
  backend: WasmBackend,
  { a, b, c, m, k, n }: Product,
  transposeA: boolean,
  transposeB: boolean,
): void {
  const { call, scratch } = kernelsOf(backend);
  const strides = transposeB ? [1, k] : [n, 1];
  if (transposeA) {
    const sizes = [panelBytes(DEPTH_BLOCK, n), DEPTH_BLOCK * 16, DEPTH_BLOCK * 4, TILE_BYTES];
    call['multiplyTransposed']!(a, b, c, m, k, n, ...strides, ...scratch(...sizes));
  } else {
    const sizes = [panelBytes(k, n), ROW_BLOCK * k * 4, ROW_BLOCK * 4, TILE_BYTES];
    call['multiply']!(a, b, c, m, k, n, ...strides, ...scratch(...sizes));
  }
}

/** For each matrix of the batch, which matrix of a and of b it is made of. */
function batchOffsets(batch: number[], a: number[], b: number[]): [number, number][] {
  const index = (shape: number[], at: number[]): number => {
    const offset = at.length - shape.length;
    return shape.reduce((sum, size, d) => sum * size + (size === 1 ? 0 : at[d + offset]!), 0);
  };
  const strides = tf.util.computeStrides(batch);
  return Array.from({ length: tf.util.sizeFromShape(batch) }, (_, i) => {
    const at = batch.length === 0 ? [] : tf.util.indexToLoc(i, batch.length, strides);
    return [index(a, at), index(b, at)];
  });
}
