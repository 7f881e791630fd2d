import { randomStream } from '@atelier/data';
import { compileSpace } from '../space-activity.ts';
import type { Sampler, SamplerTask } from './sampler.ts';
import { sequenceSampler } from './sequence.ts';

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

/** Digit places of base `b` that a double can tell apart: b^-k >= 2^-54 (Owen 2017, algorithm 1). */
function places(base: number): number {
  return Math.ceil(54 / Math.log2(base)) - 1;
}

/** Digits of `index` in `base` mirrored at the point; with permutations, every place's digit is exchanged, trailing zeros too. */
function mirrored(index: number, base: number, permutations: readonly Uint32Array[] | undefined): number {
  let [rest, scale, sum] = [index, 1, 0];
  for (let place = 0; permutations === undefined ? rest > 0 : place < permutations.length; place++) {
    const digit = rest % base;
    rest = (rest - digit) / base;
    scale /= base;
    sum += scale * (permutations?.[place]![digit] ?? digit);
  }
  return sum;
}

function shuffledDigits(base: number, seed: number, dimension: number): Uint32Array[] {
  const stream = randomStream(seed, 'halton', dimension);
  return Array.from({ length: places(base) }, () => {
    const digits = Uint32Array.from({ length: base }, (_, digit) => digit);
    stream.shuffle(digits);
    return digits;
  });
}

/**
 * The Halton sequence in the first primes: `(index, dimension)` to a number in [0, 1), index from 0 (the origin, unscrambled).
 * @param seed permutes the digits of each place (A. B. Owen, "A randomized Halton algorithm in R", 2017); undefined for the plain one.
 */
export function haltonSequence(
  dimensions: number,
  seed: number | undefined,
): (index: number, dimension: number) => number {
  const bases = primes(dimensions);
  const permutations = bases.map((base, k) =>
    seed === undefined ? undefined : shuffledDigits(base, seed, k),
  );
  return (index, dimension) => {
    // digits that all map to the highest one add up to 1 by rounding
    return Math.min(mirrored(index, bases[dimension]!, permutations[dimension]), 1 - 2 ** -53);
  };
}

export function haltonSampler(scramble: boolean, task: SamplerTask): Sampler {
  const dimensions = compileSpace(task.space).domains.length;
  return sequenceSampler('halton', task, haltonSequence(dimensions, scramble ? task.seed : undefined));
}
