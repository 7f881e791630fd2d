import { createHash } from 'node:crypto';

/** Part of the name of a random stream: what the numbers are for. */
export type PathPart = string | number;

/** A sequence of random numbers. The same seed and path give the same numbers, for ever. */
export interface RandomStream {
  /** The next integer in 0 .. 2^32 - 1. */
  uint32(): number;
  /** The next number in [0, 1), with 24 random bits: exact in float32. */
  uniform(): number;
  /** The next integer in 0 .. n - 1, unbiased, for 1 <= n <= 2^32. */
  below(n: number): number;
  /** Permutes the array in place (Fisher and Yates). */
  shuffle(values: Uint32Array): void;
}

const TWO_32 = 4294967296;

/** Four 32-bit words for a seed and a path, as different as SHA-256 makes them. */
function keyOf(seed: number, path: readonly PathPart[]): Uint32Array {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...path]))
    .digest();
  return Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(4 * i));
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021).
 * @param state four words, not all zero; advanced in place.
 */
export function xoshiro128StarStar(state: Uint32Array): () => number {
  return () => {
    const s1 = state[1]!;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    state[2]! ^= state[0]!;
    state[3]! ^= s1;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= s1 << 9;
    state[3] = rotateLeft(state[3]!, 11);
    return result;
  };
}

/** The stream named `path` under `seed`. Different paths are independent streams. */
export function randomStream(seed: number, ...path: PathPart[]): RandomStream {
  const uint32 = xoshiro128StarStar(keyOf(seed, path));
  // rejecting the lowest 2^32 mod n values leaves a multiple of n
  const below = (n: number): number => {
    const rejected = TWO_32 % n;
    let value = uint32();
    while (value < rejected) value = uint32();
    return value % n;
  };
  return {
    uint32,
    uniform: () => (uint32() >>> 8) / 16777216,
    below,
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const swapped = values[i]!;
        values[i] = values[j]!;
        values[j] = swapped;
      }
    },
  };
}

/** The finalizer of MurmurHash3 (Appleby, public domain): a bijection of 32 bits that mixes well. */
export function murmurFinalizer(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Fills `out` with random 32-bit integers by counter: element i depends on seed, path and i alone, so any part
 * can be computed anywhere in any order. Two keyed rounds of the MurmurHash3 finalizer over the counter: not
 * for cryptography, good for dropout masks, and an order of magnitude cheaper in JavaScript than Philox.
 */
export function randomBits(out: Uint32Array, seed: number, ...path: PathPart[]): void {
  const key = keyOf(seed, path);
  const first = key[0]!;
  const second = key[1]!;
  for (let i = 0; i < out.length; i++) {
    let h = i ^ first;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h = (h ^ (h >>> 16)) + second;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    out[i] = h ^ (h >>> 16);
  }
}
