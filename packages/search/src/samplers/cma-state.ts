import { type Eigen, symmetricEigen } from './eigen.ts';

/** The constants of a search in n dimensions with a population; equation numbers are of Hansen's tutorial (arXiv:1604.00772v2). */
export interface CmaConstants {
  readonly n: number;
  readonly population: number;
  /** Recombination weights, best first; the later half is negative (active update). */
  readonly weights: Float64Array;
  readonly parents: number;
  readonly muEff: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cc: number;
  readonly c1: number;
  readonly cMu: number;
  /** Expected length of a standard normal vector. */
  readonly chiN: number;
}

/** @param population at least 4; 4 + floor(3 ln n) unless given (eq. 48). */
export function cmaConstants(n: number, population = 4 + Math.floor(3 * Math.log(n))): CmaConstants {
  const parents = Math.floor(population / 2);
  const raw = Float64Array.from(
    { length: population },
    (_, i) => Math.log((population + 1) / 2) - Math.log(i + 1),
  ); // 49
  const muEff = effective(raw.subarray(0, parents));
  const muEffMinus = effective(raw.subarray(parents));
  const c1 = 2 / ((n + 1.3) ** 2 + muEff); // 57
  const cMu = Math.min(1 - c1 - 1e-8, (2 * (muEff - 2 + 1 / muEff)) / ((n + 2) ** 2 + muEff)); // 58
  const negative = Math.min(1 + c1 / cMu, 1 + (2 * muEffMinus) / (muEff + 2), (1 - c1 - cMu) / (n * cMu)); // 50 - 52
  const positives = raw.reduce((sum, w) => sum + Math.max(w, 0), 0);
  const negatives = raw.reduce((sum, w) => sum - Math.min(w, 0), 0);
  const cSigma = (muEff + 2) / (n + muEff + 5); // 55
  return {
    n,
    population,
    parents,
    muEff,
    weights: raw.map((w) => (w >= 0 ? w / positives : (negative * w) / negatives)), // 53
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cc: (4 + muEff / n) / (n + 4 + (2 * muEff) / n), // 56
    c1,
    cMu,
    chiN: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

function effective(weights: Float64Array): number {
  const sum = weights.reduce((total, w) => total + w, 0);
  return sum ** 2 / weights.reduce((total, w) => total + w * w, 0);
}

/** The search distribution N(mean, sigma^2 C) and its paths after some generations. Never changed in place. */
export interface CmaState {
  readonly generation: number;
  readonly mean: Float64Array;
  readonly sigma: number;
  readonly covariance: Float64Array;
  readonly pathSigma: Float64Array;
  readonly pathC: Float64Array;
  /** Of the covariance; values are standard deviations along the vectors. */
  readonly axes: Eigen;
}

export function startState(mean: Float64Array, sigma: number): CmaState {
  const n = mean.length;
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) covariance[i * n + i] = 1;
  return {
    generation: 0,
    mean,
    sigma,
    covariance,
    pathSigma: new Float64Array(n),
    pathC: new Float64Array(n),
    axes: deviations(covariance, n),
  };
}

function deviations(covariance: Float64Array, n: number): Eigen {
  const { values, vectors } = symmetricEigen(covariance, n);
  return { values: values.map((value) => Math.sqrt(value <= 0 ? 1e-8 : value)), vectors };
}

/** A point of the distribution for n standard normal numbers. */
export function cmaSample({ mean, sigma, axes }: CmaState, normal: Float64Array): Float64Array {
  const n = mean.length;
  return mean.map((m, i) => {
    let y = 0;
    for (let j = 0; j < n; j++) y += axes.vectors[i * n + j]! * axes.values[j]! * normal[j]!;
    return m + sigma * y;
  });
}

/** C^(-1/2) y. */
function whiten({ axes: { values, vectors } }: CmaState, y: Float64Array): Float64Array {
  const n = y.length;
  const out = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    let along = 0;
    for (let i = 0; i < n; i++) along += vectors[i * n + j]! * y[i]!;
    along /= values[j]!;
    for (let i = 0; i < n; i++) out[i]! += vectors[i * n + j]! * along;
  }
  return out;
}

function squaredLength(vector: Float64Array): number {
  return vector.reduce((sum, x) => sum + x * x, 0);
}

const LARGEST_SIGMA = 1e32;

/**
 * The state after one generation (eqs. 41 to 47): weighted recombination, step size by its path, covariance by rank one and rank mu
 * with negative weights.
 * @param points the population's, best first.
 */
export function cmaUpdate(
  state: CmaState,
  constants: CmaConstants,
  points: readonly Float64Array[],
): CmaState {
  const { n, weights, parents, muEff, cSigma, dSigma, cc, chiN } = constants;
  const steps = points.map((point) => point.map((x, i) => (x - state.mean[i]!) / state.sigma));
  const step = new Float64Array(n);
  for (let k = 0; k < parents; k++) for (let i = 0; i < n; i++) step[i]! += weights[k]! * steps[k]![i]!;
  const mean = state.mean.map((m, i) => m + state.sigma * step[i]!);
  const white = whiten(state, step);
  const push = Math.sqrt(cSigma * (2 - cSigma) * muEff);
  const pathSigma = state.pathSigma.map((p, i) => (1 - cSigma) * p + push * white[i]!);
  const length = Math.sqrt(squaredLength(pathSigma));
  const sigma = Math.min(LARGEST_SIGMA, state.sigma * Math.exp((cSigma / dSigma) * (length / chiN - 1)));
  const generation = state.generation + 1;
  // a path that grew fast stalls the rank-one update, so that C does not grow with the step size
  const expected = Math.sqrt(1 - (1 - cSigma) ** (2 * (generation + 1)));
  const steady = length / expected < (1.4 + 2 / (n + 1)) * chiN ? 1 : 0;
  const pull = steady * Math.sqrt(cc * (2 - cc) * muEff);
  const pathC = state.pathC.map((p, i) => (1 - cc) * p + pull * step[i]!);
  const covariance = adapted(state, constants, steps, pathC, steady);
  return { generation, mean, sigma, covariance, pathSigma, pathC, axes: deviations(covariance, n) };
}

/** Equations 46 and 47. */
function adapted(
  state: CmaState,
  { n, weights, c1, cMu, cc }: CmaConstants,
  steps: readonly Float64Array[],
  pathC: Float64Array,
  steady: number,
): Float64Array {
  const scaled = steps.map((y, k) =>
    weights[k]! >= 0 ? weights[k]! : (weights[k]! * n) / (squaredLength(whiten(state, y)) + 1e-8),
  );
  const sum = weights.reduce((total, w) => total + w, 0);
  const keep = 1 + c1 * (1 - steady) * cc * (2 - cc) - c1 - cMu * sum;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let rankMu = 0;
      for (let k = 0; k < steps.length; k++) rankMu += scaled[k]! * steps[k]![i]! * steps[k]![j]!;
      const value = keep * state.covariance[i * n + j]! + c1 * pathC[i]! * pathC[j]! + cMu * rankMu;
      out[i * n + j] = out[j * n + i] = value;
    }
  }
  return out;
}
