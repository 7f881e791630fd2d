const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / SQRT_2PI;
}

/** P(Z > x) for x >= 3 by Laplace's continued fraction (Abramowitz and Stegun 26.2.14). */
function farTail(x: number): number {
  let fraction = x;
  for (let k = 120; k >= 1; k--) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

/** P(0 < Z < x) for |x| < 3: the series x + x^3/3 + x^5/15 + ... times the density (26.2.11), all terms positive. */
function centre(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return sum * normalDensity(x);
}

/** Distribution function of the standard normal, P(Z <= x); relative error about 1e-15 * x^2, tails included. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < -3) return farTail(-x);
  if (x > 3) return 1 - farTail(x);
  return 0.5 + centre(x);
}

const CENTRAL = {
  above: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ],
  below: [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1, 1,
  ],
};
const TAIL = {
  above: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  below: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
};

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/** P. J. Acklam's rational approximation of the lower half (2003), relative error 1.15e-9. */
function approximateQuantile(probability: number): number {
  if (probability >= 0.02425) {
    const q = probability - 0.5;
    return (q * polynomial(CENTRAL.above, q * q)) / polynomial(CENTRAL.below, q * q);
  }
  const q = Math.sqrt(-2 * Math.log(probability));
  return polynomial(TAIL.above, q) / polynomial(TAIL.below, q);
}

/**
 * Inverse of {@link normalCdf}: Acklam's approximation and two steps of Halley's method.
 * @param probability in [0, 1]; 0 gives -Infinity, 1 Infinity, anything outside NaN.
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return NaN;
  if (probability === 0 || probability === 1) return probability === 0 ? -Infinity : Infinity;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let x = approximateQuantile(probability);
  for (let round = 0; round < 2; round++) {
    const step = (normalCdf(x) - probability) / normalDensity(x);
    x -= step / (1 + (x * step) / 2);
  }
  return x;
}
