import * as tf from '@tensorflow/tfjs-core';

/** One check of the fused training ops on the active engine. */
export interface TrainingOpCase {
  readonly name: string;
  /** Throws an Error with the figures where the engine is wrong. */
  readonly check: () => void | Promise<void>;
}

/** What an engine may be off by, and what it computes with. */
export interface Exactness {
  /** Of activations, relative to the largest of them (or 1). */
  readonly value: number;
  /** Of gradients, likewise. */
  readonly gradient: number;
  /** Of what is fp32 in every precision: statistics, losses, parameters. */
  readonly exact: number;
  /** What becomes of a number that is an operand of a product or an activation. */
  readonly round: (value: number) => number;
}

export const FP32: Exactness = { value: 2e-5, gradient: 1e-4, exact: 2e-5, round: Math.fround };

/** Numbers in [-1, 1), the same for the same seed, exact in float32. */
export function numbers(seed: number, count: number): number[] {
  let state = (seed * 2654435761) >>> 0 || 1;
  return Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.fround((state >>> 8) / 2 ** 23 - 1);
  });
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);
export const tensor = (values: readonly number[], shape: readonly number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(values), [...shape]);

/** Fails where some |actual - expected| exceeds the tolerance, relative to the largest |expected| (or 1). */
export function near(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
): void {
  if (actual.length !== expected.length)
    throw new Error(`${what}: ${actual.length} values, not ${expected.length}`);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  expected.forEach((value, i) => {
    // NaN fails, too
    if (Math.abs(actual[i]! - value) / scale <= tolerance) return;
    throw new Error(`${what}[${i}]: ${actual[i]}, not ${value} (largest ${scale}, tolerance ${tolerance})`);
  });
}

export function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

/** Runs `body` in a tidy scope; fails where it leaves tensors behind. */
export function leakFree(body: () => void): () => void {
  return () => {
    const before = tf.memory().numTensors;
    tf.tidy(body);
    same('tensors left behind', tf.memory().numTensors - before, 0);
  };
}
