import { type RandomStream, randomStream } from '@atelier/data';
import { SamplerError } from '../errors.ts';
import { compileSpace } from '../space-activity.ts';
import type { Sampler, SamplerTask } from './sampler.ts';
import { sequenceSampler } from './sequence.ts';
import { JOE_KUO_6 } from './sobol-directions.ts';

const BITS = 32;
const TWO_32 = 4294967296;

const lines = JOE_KUO_6.trim().split('\n');

/** How many dimensions there are directions for. */
export const SOBOL_DIMENSIONS = lines.length + 1;

/** The 32 direction numbers of a dimension (from 0), as binary fractions: bit 31 is one half. */
export function directions(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) return v.map((_, j) => 2 ** (BITS - 1 - j));
  const [a, ...m] = lines[dimension - 1]!.split(' ').map(Number) as [number, ...number[]];
  const s = m.length;
  for (let j = 0; j < BITS; j++) {
    if (j < s) {
      v[j] = m[j]! * 2 ** (BITS - 1 - j);
      continue;
    }
    // Bratley and Fox's recurrence for the primitive polynomial x^s + a_1 x^(s-1) + ... + 1
    let bits = v[j - s]! ^ (v[j - s]! >>> s);
    for (let k = 1; k < s; k++) if ((a >> (s - 1 - k)) & 1) bits ^= v[j - k]!;
    v[j] = bits;
  }
  return v;
}

/** A point of the sequence in one dimension: 0, 1/2, 3/4, 1/4, ... in the order of the Gray code (Antonov and Saleev 1979). */
function digits(v: Uint32Array, index: number): number {
  let bits = 0;
  for (let gray = (index ^ (index >>> 1)) >>> 0, j = 0; gray !== 0; gray >>>= 1, j++) {
    if (gray & 1) bits ^= v[j]!;
  }
  return bits >>> 0;
}

/** `v` under a random lower triangular matrix over the bits, with ones on its diagonal (Matousek 1998). */
function scrambled(v: Uint32Array, stream: RandomStream): Uint32Array {
  // row r gives bit 31 - r of the result: its own bit, and any of the higher ones
  const rows = Array.from({ length: BITS }, (_, r) => {
    const diagonal = (1 << (BITS - 1 - r)) >>> 0;
    const higher = r === 0 ? 0 : (0xffffffff << (BITS - r)) >>> 0;
    return (stream.uint32() & higher) | diagonal;
  });
  return v.map((bits) => rows.reduce((out, row, r) => out | (parity(bits & row) << (BITS - 1 - r)), 0));
}

function parity(bits: number): number {
  let x = bits ^ (bits >>> 16);
  x ^= x >>> 8;
  x ^= x >>> 4;
  x ^= x >>> 2;
  return (x ^ (x >>> 1)) & 1;
}

/**
 * The Sobol sequence: `(index, dimension)` to a number in [0, 1), index from 0 (the origin, unscrambled), below 2^32.
 * The net's balance holds for the first 2^k points, counted from 0.
 * @param seed scrambles; undefined for the plain sequence.
 */
export function sobolSequence(
  dimensions: number,
  seed: number | undefined,
): (index: number, dimension: number) => number {
  const axes = Array.from({ length: dimensions }, (_, k) => {
    const v = directions(k);
    if (seed === undefined) return { v, shift: 0 };
    const stream = randomStream(seed, 'sobol', k);
    return { v: scrambled(v, stream), shift: stream.uint32() };
  });
  return (index, dimension) => {
    const { v, shift } = axes[dimension]!;
    return ((digits(v, index) ^ shift) >>> 0) / TWO_32;
  };
}

export function sobolSampler(scramble: boolean, task: SamplerTask): Sampler {
  const dimensions = compileSpace(task.space).domains.length;
  if (dimensions > SOBOL_DIMENSIONS) {
    throw new SamplerError(
      'sobol',
      `the space has ${dimensions} parameters; there are directions for ${SOBOL_DIMENSIONS}. Use random or halton.`,
    );
  }
  return sequenceSampler('sobol', task, sobolSequence(dimensions, scramble ? task.seed : undefined));
}
