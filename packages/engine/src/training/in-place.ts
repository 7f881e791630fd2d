import { DROPOUT_LEVELS, type OptimizerUpdateAttrs } from './kernels.ts';

/** The updates of kernels.ts on arrays, for engines whose tensors JavaScript can reach. */

/** One parameter with its gradient and moments; all of one length. */
export interface ParameterArrays {
  readonly p: Float32Array;
  readonly g: Float32Array;
  readonly m?: Float32Array | undefined;
  readonly v?: Float32Array | undefined;
  /** Whether weight decay moves it. */
  readonly decayed: boolean;
}

function sgdInPlace({ p, g, m }: ParameterArrays, attrs: OptimizerUpdateAttrs, rate: number): void {
  const { momentum, nesterov } = attrs;
  for (let i = 0; i < p.length; i++) {
    if (!m) {
      p[i] = p[i]! - rate * g[i]!;
      continue;
    }
    const accumulated = (m[i] = momentum * m[i]! + g[i]!);
    p[i] = p[i]! - rate * (nesterov ? g[i]! + momentum * accumulated : accumulated);
  }
}

function adamInPlace(arrays: ParameterArrays, attrs: OptimizerUpdateAttrs, hyper: Float32Array): void {
  const { p, g, decayed } = arrays;
  const [m, v] = [arrays.m!, arrays.v!];
  const [rate, c1, c2] = hyper as unknown as [number, number, number];
  const { beta1, beta2, epsilon } = attrs;
  const kept = attrs.kind === 'adamw' && decayed ? 1 - rate * attrs.weightDecay : 1;
  for (let i = 0; i < p.length; i++) {
    const slope = g[i]!;
    const first = (m[i] = beta1 * m[i]! + (1 - beta1) * slope);
    const second = (v[i] = beta2 * v[i]! + (1 - beta2) * slope * slope);
    p[i] = kept * p[i]! - (rate * (first / c1)) / (Math.sqrt(second / c2) + epsilon);
  }
}

/** `OptimizerUpdate` on one parameter. */
export function optimizeInPlace(
  arrays: ParameterArrays,
  attrs: OptimizerUpdateAttrs,
  hyper: Float32Array,
): void {
  if (attrs.kind === 'sgd') sgdInPlace(arrays, attrs, hyper[0]!);
  else adamInPlace(arrays, attrs, hyper);
}

/** `word(j)` of `SeededDropout`. */
function word(j: number, k0: number, k1: number): number {
  let h = j ^ k0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = (h ^ (h >>> 16)) + k1;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** `SeededDropout`: y[i] = kept ? x[i] / (1 - rate) : 0; y may be x. */
export function dropInto(y: Float32Array, x: Float32Array, key: Int32Array, rate: number): void {
  const [k0, k1] = [key[0]!, key[1]!];
  const dropped = Math.round(rate * DROPOUT_LEVELS);
  const scale = Math.fround(1 / (1 - rate));
  const even = x.length & ~1;
  for (let i = 0; i < even; i += 2) {
    const bits = word(i >>> 1, k0, k1);
    y[i] = (bits & 0xffff) < dropped ? 0 : x[i]! * scale;
    y[i + 1] = bits >>> 16 < dropped ? 0 : x[i + 1]! * scale;
  }
  if (even < x.length) y[even] = (word(even >>> 1, k0, k1) & 0xffff) < dropped ? 0 : x[even]! * scale;
}
