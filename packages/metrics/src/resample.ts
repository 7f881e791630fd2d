import { checkSeed, randomBits } from './random.ts';

/** Fills `weights[i]` with how often sample `i` came up in `weights.length` draws with replacement. */
export type Resampler = (weights: Uint8Array) => void;

/**
 * Draws bootstrap samples. This loop is what a bootstrap spends its time on, hence a generator of its own: M. O'Neill's
 * PCG RXS-M-XS 32 (2014), each number of its period of 2^32 once. An index is floor(bits * n / 2^32): the odds of any
 * two samples differ by less than n / 2^32.
 * @throws MetricsInputError for a seed that is none.
 */
export function resampler(seed: number): Resampler {
  checkSeed(seed);
  let state = randomBits(seed)() | 0;
  return (weights) => {
    weights.fill(0);
    const scale = weights.length / 2 ** 32;
    let x = state;
    for (let draw = 0; draw < weights.length; draw++) {
      x = (Math.imul(x, 747796405) + 2891336453) | 0;
      const word = Math.imul((x >>> ((x >>> 28) + 4)) ^ x, 277803737);
      weights[((((word >>> 22) ^ word) >>> 0) * scale) | 0]!++;
    }
    state = x;
  };
}
