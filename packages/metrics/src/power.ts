import { MetricsInputError } from './errors.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { noncentralStudentCdf, studentQuantile } from './student.ts';

export interface PowerOptions {
  /** Two-sided false-positive rate that the test is run at. */
  readonly alpha?: number;
  /** Wanted probability that a difference of this size is found. */
  readonly power?: number;
}

function checkShare(value: number, name: string): void {
  if (!(value > 0 && value < 1))
    throw new MetricsInputError(`${name} must lie between 0 and 1, got ${value}`);
}

/**
 * How many samples McNemar's test needs to find a difference in accuracy, by Connor, Biometrics 43:207 (1987).
 * Infinity for no difference.
 * @param difference accuracy of B minus A, in [-1, 1]. @param discordance share of samples that only one of the two has
 * right, at least |difference|.
 */
export function samplesNeeded(difference: number, discordance: number, options: PowerOptions = {}): number {
  const { alpha = 0.05, power = 0.8 } = options;
  checkShare(alpha, 'alpha');
  checkShare(power, 'power');
  const size = Math.abs(difference);
  if (!(size <= discordance && discordance <= 1)) {
    throw new MetricsInputError(`discordance must lie from |difference| = ${size} to 1, got ${discordance}`);
  }
  if (size === 0) return Infinity;
  const error = -normalQuantile(alpha / 2) * Math.sqrt(discordance);
  const spread = normalQuantile(power) * Math.sqrt(Math.max(0, discordance - size * size));
  return Math.max(1, Math.ceil(((error + spread) / size) ** 2));
}

/** Power of McNemar's test at `count` samples: Connor's formula turned round. In (0, 1). */
export function mcnemarPower(difference: number, discordance: number, count: number, alpha = 0.05): number {
  checkShare(alpha, 'alpha');
  const size = Math.abs(difference);
  const spread = Math.sqrt(discordance - size * size);
  const reach = size * Math.sqrt(count) + normalQuantile(alpha / 2) * Math.sqrt(discordance);
  return spread > 0 ? normalCdf(reach / spread) : reach > 0 ? 1 : 0;
}

/**
 * The smallest difference in accuracy that `count` samples find with the wanted power; Infinity where even a run that is
 * right on every discordant sample would not be found.
 * @param discordance share of samples that only one of the two has right, in [0, 1].
 */
export function detectableDifference(discordance: number, count: number, options: PowerOptions = {}): number {
  const { alpha = 0.05, power = 0.8 } = options;
  if (discordance === 0 || mcnemarPower(discordance, discordance, count, alpha) < power) return Infinity;
  let [low, high] = [0, discordance];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (mcnemarPower(middle, discordance, count, alpha) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Power of the two-sided t test of two groups of `seeds` each, from the noncentral t distribution.
 * @param effect difference of the means over the standard deviation of one group.
 */
export function seedsPower(effect: number, seeds: number, alpha = 0.05): number {
  checkShare(alpha, 'alpha');
  const freedom = 2 * (seeds - 1);
  const shift = Math.abs(effect) * Math.sqrt(seeds / 2);
  if (shift > 36) return 1;
  const critical = -studentQuantile(alpha / 2, freedom);
  return 1 - noncentralStudentCdf(critical, freedom, shift) + noncentralStudentCdf(-critical, freedom, shift);
}

const MOST_SEEDS = 100_000;

/** How many seeds of each recipe find `effect` with the wanted power, at least 2; Infinity beyond 100,000. */
export function seedsNeeded(effect: number, options: PowerOptions = {}): number {
  const { alpha = 0.05, power = 0.8 } = options;
  checkShare(power, 'power');
  const enough = (seeds: number): boolean => seedsPower(effect, seeds, alpha) >= power;
  if (!(Math.abs(effect) > 0)) return Infinity;
  let high = 2;
  while (!enough(high)) {
    high *= 2;
    if (high > MOST_SEEDS) return Infinity;
  }
  let low = high / 2;
  if (high === 2) return 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
