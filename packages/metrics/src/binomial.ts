import { stirlingRemainder } from './gamma.ts';

/** `x ln(x / mean) + mean - x` without cancellation near x = mean. Loader (2000). */
function deviance(x: number, mean: number): number {
  const ratio = (x - mean) / (x + mean);
  if (Math.abs(ratio) >= 0.1) return x * Math.log(x / mean) + mean - x;
  let sum = (x - mean) * ratio;
  let power = 2 * x * ratio;
  for (let j = 1; j < 1000; j++) {
    power *= ratio * ratio;
    const next = sum + power / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** P(X = hits) of a fair coin's `tosses`, by Loader's saddle-point expansion (2000): about 15 digits at any size. */
export function fairCoinProbability(hits: number, tosses: number): number {
  if (hits < 0 || hits > tosses) return 0;
  if (hits === 0 || hits === tosses) return 2 ** -tosses;
  const misses = tosses - hits;
  const log =
    stirlingRemainder(tosses) -
    stirlingRemainder(hits) -
    stirlingRemainder(misses) -
    deviance(hits, tosses / 2) -
    deviance(misses, tosses / 2);
  return Math.exp(log) * Math.sqrt(tosses / (2 * Math.PI * hits * misses));
}

/** P(X <= hits) of a fair coin's `tosses`. Sums from the largest term down, so small tails keep their digits. */
export function fairCoinTail(hits: number, tosses: number): number {
  if (hits < 0) return 0;
  if (hits >= tosses) return 1;
  if (2 * hits >= tosses) return 1 - fairCoinTail(tosses - hits - 1, tosses);
  let term = fairCoinProbability(hits, tosses);
  let sum = term;
  for (let k = hits; k > 0 && term > sum * 1e-18; k--) {
    term *= k / (tosses - k + 1);
    sum += term;
  }
  return sum;
}
