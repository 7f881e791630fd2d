import { MetricsInputError } from './errors.ts';

/** Source of 32 random bits a call, as a number in [0, 2^32). */
export type RandomBits = () => number;

/** @throws MetricsInputError where `seed` is no whole number in [0, 2^53). */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new MetricsInputError(`the seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
}

/**
 * A stream of random bits that depends on the seed only, the same on every machine.
 * Chris Doty-Humphrey's sfc32 (PractRand): 128 bits of state, period at least 2^32, seeded with the two halves of
 * `seed`, a counter of 1 and twelve rounds thrown away, as there.
 */
export function sfc32(seed: number): RandomBits {
  checkSeed(seed);
  let a = 0;
  let b = (seed % 2 ** 32) | 0;
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}
