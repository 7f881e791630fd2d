import { checkSeed, sfc32 } from './random.ts';

/** Fills both with how often each sample came up in `length` draws with replacement; two samples, independent. */
export type Resampler = (one: Uint8Array, two: Uint8Array) => void;

/**
 * Draws bootstrap samples, two at a time so that the processor can work on both. This loop is what a bootstrap spends its
 * time on, hence a generator of its own: M. O'Neill's PCG RXS-M-XS 32 (2014), two streams by their odd increments, each
 * number of the period of 2^32 once. An index is floor(bits * n / 2^32): the odds of any two samples differ by less than
 * n / 2^32.
 * @throws MetricsInputError for a seed that is none.
 */
export function resampler(seed: number): Resampler {
  checkSeed(seed);
  const bits = sfc32(seed);
  let state = bits() | 0;
  let other = bits() | 0;
  return (one, two) => {
    one.fill(0);
    two.fill(0);
    const scale = one.length / 2 ** 32;
    let x = state;
    let y = other;
    for (let draw = 0; draw < one.length; draw++) {
      x = (Math.imul(x, 747796405) + 2891336453) | 0;
      y = (Math.imul(y, 747796405) + 1442695041) | 0;
      const left = Math.imul((x >>> ((x >>> 28) + 4)) ^ x, 277803737);
      const right = Math.imul((y >>> ((y >>> 28) + 4)) ^ y, 277803737);
      one[((((left >>> 22) ^ left) >>> 0) * scale) | 0]!++;
      two[((((right >>> 22) ^ right) >>> 0) * scale) | 0]!++;
    }
    state = x;
    other = y;
  };
}
