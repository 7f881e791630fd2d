import * as tf from '@tensorflow/tfjs-core';
import { seededDropout } from '../../src/index.ts';
import { leakFree, numbers, same, tensor, type Exactness, type TrainingOpCase } from './figures.ts';

/** Every value of x where its level is not below the share dropped; written apart from the product, from kernels.ts' words. */
function dropoutReference(x: readonly number[], key: readonly [number, number], rate: number): number[] {
  const low = (1n << 32n) - 1n;
  const mix = (start: bigint): bigint => {
    let h = start;
    h ^= h >> 16n;
    h = (h * 0x85ebca6bn) & low;
    h ^= h >> 13n;
    h = (h * 0xc2b2ae35n) & low;
    return h ^ (h >> 16n);
  };
  const [k0, k1] = key.map((part) => BigInt.asUintN(32, BigInt(part))) as [bigint, bigint];
  return x.map((value, i) => {
    const word = mix((mix(BigInt(i >>> 1) ^ k0) + k1) & low);
    const level = Number((word >> BigInt(16 * (i & 1))) & 0xffffn);
    return level >= Math.round(rate * 65536) ? Math.fround(value * Math.fround(1 / (1 - rate))) : 0;
  });
}

function dropoutCase(
  count: number,
  key: readonly [number, number],
  rate: number,
  { round }: Exactness,
): TrainingOpCase {
  const check = leakFree(() => {
    const x = numbers(41, count).map(round);
    const keyTensor = tf.tensor1d(Int32Array.from(key), 'int32');
    const y = seededDropout(tensor(x, [count]), keyTensor, rate);
    same('y', [...y.dataSync()], dropoutReference(x, key, rate).map(round));
    const dy = numbers(42, count).map(round);
    const gradient = tf.grad((input: tf.Tensor) => seededDropout(input, keyTensor, rate));
    const dx = gradient(tensor(x, [count]), tensor(dy, [count]));
    same('gradient', [...dx.dataSync()], dropoutReference(dy, key, rate).map(round));
  });
  return { name: `SeededDropout of ${count} by ${rate} with the key ${key.join(', ')}`, check };
}

/** Dropout to the bit. */
export function dropoutCases(exactness: Exactness): TrainingOpCase[] {
  return [
    dropoutCase(1, [1, 2], 0.5, exactness),
    dropoutCase(33, [-1, 0x7fffffff], 0.25, exactness),
    dropoutCase(1000, [123456789, -987654321], 0.4, exactness),
    dropoutCase(70001, [5, -5], 0.1, exactness),
  ];
}
