import { incompleteBeta } from './beta.ts';
import { logGamma } from './gamma.ts';
import { normalCdf, normalQuantile } from './normal.ts';

/**
 * Distribution function of Student's t. @param freedom degrees of freedom, above 0, fractions allowed; Infinity is
 * the normal distribution.
 */
export function studentCdf(t: number, freedom: number): number {
  if (freedom === Infinity) return normalCdf(t);
  const square = t * t;
  // the smaller of the two arguments keeps its digits
  const twoTails =
    square < freedom
      ? 1 - incompleteBeta(square / (freedom + square), 0.5, freedom / 2)
      : incompleteBeta(freedom / (freedom + square), freedom / 2, 0.5);
  return t > 0 ? 1 - twoTails / 2 : twoTails / 2;
}

/** The root of a growing function by bisection, to the last bit. */
export function bisect(rising: (x: number) => number, low: number, high: number): number {
  let from = low;
  let to = high;
  for (let round = 0; round < 200; round++) {
    const middle = (from + to) / 2;
    if (middle <= from || middle >= to) break;
    if (rising(middle) < 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** Inverse of {@link studentCdf}. @param probability in (0, 1). */
export function studentQuantile(probability: number, freedom: number): number {
  if (freedom === Infinity) return normalQuantile(probability);
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -studentQuantile(1 - probability, freedom);
  let low = -1;
  while (studentCdf(low, freedom) > probability) low *= 2;
  return bisect((t) => studentCdf(t, freedom) - probability, low, 0);
}

/**
 * P(T <= t) of the noncentral t distribution; what the power of a t test needs. Lenth's series, AS 243 (1989).
 * @param shift the noncentrality, |shift| below 37.
 */
export function noncentralStudentCdf(t: number, freedom: number, shift: number): number {
  if (t < 0) return 1 - noncentralStudentCdf(-t, freedom, -shift);
  const x = (t * t) / (t * t + freedom);
  const half = (shift * shift) / 2;
  let sum = normalCdf(-shift);
  if (x === 0) return sum;
  let p = 0.5 * Math.exp(-half);
  // q_0 = shift / (sqrt 2 Gamma(3/2)) e^-half / 2
  let q = (shift / Math.SQRT2) * 0.5 * Math.exp(-half - logGamma(1.5));
  let left = 0.5 - p;
  for (let j = 0; j < 2000; j++) {
    const term = p * incompleteBeta(x, j + 0.5, freedom / 2) + q * incompleteBeta(x, j + 1, freedom / 2);
    sum += term;
    p *= half / (j + 1);
    q *= half / (j + 1.5);
    left -= p;
    if (j > half && (left <= 1e-15 || Math.abs(term) < 1e-17)) break;
  }
  return Math.min(1, Math.max(0, sum));
}
