// Coefficients of W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969) 631-637.
const A = [
  3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947, 0.185777706184603153,
];
const B = [23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
const C = [
  0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131, 881.95222124176909,
  1712.04761263407058, 2051.07837782607147, 1230.33935479799725, 2.15311535474403846e-8,
];
const D = [
  15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963,
  4362.61909014324716, 3439.36767414372164, 1230.33935480374942,
];
const P = [
  0.305326634961232344, 0.360344899949804439, 0.125781726111229246, 0.0160837851487422766,
  6.58749161529837803e-4, 0.0163153871373020978,
];
const Q = [
  2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191,
  2.33520497626869185e-3,
];
const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_PI = 0.5641895835477563;

/** (c_last y + c_0) y + ... over (y + d_0) y + ...: the form in which Cody evaluates all three ranges. */
function rational(above: readonly number[], below: readonly number[], y: number): number {
  const n = below.length;
  let top = above[n]! * y;
  let bottom = y;
  for (let i = 0; i < n - 1; i++) {
    top = (top + above[i]!) * y;
    bottom = (bottom + below[i]!) * y;
  }
  return (top + above[n - 1]!) / (bottom + below[n - 1]!);
}

/** erfc(x) for x >= 0, to a few units in the last place. */
function erfcPositive(x: number): number {
  if (x <= 0.46875) return 1 - x * rational(A, B, x * x);
  // exp(-x^2) in two factors, so that rounding x^2 does not spoil it
  const cut = Math.trunc(x * 16) / 16;
  const decay = Math.exp(-cut * cut) * Math.exp(-(x - cut) * (x + cut));
  if (x <= 4) return decay * rational(C, D, x);
  const y = 1 / (x * x);
  return (decay * (INVERSE_SQRT_PI - y * rational(P, Q, y))) / x;
}

const FAR = 9;

/** P(Z <= x) of the standard normal, with full relative accuracy in the lower tail. */
export function lowerTail(x: number): number {
  // the upper tail is less than half a unit in the last place of 1
  if (x > FAR) return 1;
  return x <= 0 ? 0.5 * erfcPositive(-x * SQRT_HALF) : 1 - 0.5 * erfcPositive(x * SQRT_HALF);
}

/** P(|Z| > 8.3) is below half a unit in the last place of 1. */
export const CERTAIN = 8.3;

/** P(a < Z < b) of the standard normal, for a <= b, accurate in both tails. */
export function normalMass(a: number, b: number): number {
  if (a < -CERTAIN && b > CERTAIN) return 1;
  // what the lower tail would take from at least a half rounds away
  if (a < -FAR && b >= 0) return lowerTail(b);
  return a > 0 ? lowerTail(-a) - lowerTail(-b) : lowerTail(b) - lowerTail(a);
}

/** A standard normal number (Marsaglia's polar method). */
export function gaussian(uniform: () => number): number {
  for (;;) {
    const x = 2 * uniform() - 1;
    const y = 2 * uniform() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}
