/** ln of the gamma function by Lanczos' approximation (g = 7, n = 9); about 15 digits for x > 0. */
function lnGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const t = x + 6.5;
  const sum = coefficients.reduce((total, c, at) => (at === 0 ? c : total + c / (x + at - 1)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Regularised incomplete beta function by its continued fraction (Numerical Recipes, 6.4). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front =
    Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
  let fraction = 1;
  let c = 1;
  let d = 0;
  for (let at = 0; at < 500; at++) {
    const m = Math.floor(at / 2);
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const numerator = at === 0 ? 1 : at % 2 === 0 ? even : odd;
    d = 1 / (1 + numerator * d);
    c = 1 + numerator / c;
    fraction *= c * d;
    if (Math.abs(1 - c * d) < 1e-15) break;
  }
  return front * (fraction - 1);
}

/** Probability that |T| exceeds t, for Student's distribution. */
function twoSided(t: number, freedom: number): number {
  return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

/** The t that |T| exceeds with probability 1 - `level` (0.95: 12.7062 for one degree of freedom, 1.96 for very many). */
export function studentQuantile(level: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (twoSided(high, freedom) > 1 - level) high *= 2;
  for (let at = 0; at < 200 && high - low > 1e-13 * high; at++) {
    const middle = (low + high) / 2;
    if (twoSided(middle, freedom) > 1 - level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
