import { MetricsInputError } from './errors.ts';
import { checkLevel, type Interval } from './interval.ts';
import { seedsNeeded } from './power.ts';
import { studentCdf, studentQuantile } from './student.ts';

/** A score of one recipe over its seeds. */
export interface SeedSummary {
  readonly seeds: number;
  readonly mean: number;
  /** Standard deviation over seeds (n - 1); NaN for one seed. */
  readonly deviation: number;
  /** Student's interval of the mean over all seeds there could be; NaN for one seed. */
  readonly interval: Interval;
}

/** Two recipes over their seeds, B minus A. */
export interface SeedComparison {
  readonly a: SeedSummary;
  readonly b: SeedSummary;
  readonly difference: number;
  /** Welch's interval and two-sided p of the difference of the recipes' means. */
  readonly interval: Interval;
  readonly p: number;
  readonly freedom: number;
  /** Where B minus A of one new seed of each will lie (prediction interval), if scores are normal. */
  readonly newSeeds: Interval;
  /** Probability that it lies above 0. Few seeds pull it towards 1/2. */
  readonly beatsOnNewSeed: number;
  /** Share of the pairs of seeds seen in which B beats A, ties half: the same with no assumption. */
  readonly pairsWon: number;
  /** Seeds of each recipe that would find a difference of the size seen in 80 % of cases; null for no number of them. */
  readonly seedsNeeded: number | null;
}

function checkScores(scores: readonly number[], name: string): void {
  if (scores.length === 0) throw new MetricsInputError(`${name} has no seeds`);
  scores.forEach((score, index) => {
    if (!Number.isFinite(score))
      throw new MetricsInputError(`score ${score} of seed ${index} of ${name} is no number`);
  });
}

/** Exactly the value where all are one: a sum of equal numbers, divided, often is their neighbour. */
function meanOf(values: readonly number[]): number {
  if (values.every((value) => value === values[0])) return values[0]!;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * B minus A, and 0 where it is no more than the rounding of the two means. A sum of n numbers of at most `most` errs by
 * at most (n - 1) n most u, u = EPSILON / 2 (Higham, "Accuracy and stability of numerical algorithms", 4.2); its mean
 * by (n - 1) most u and half a unit of the division, the difference by the two and its own rounding.
 */
function differenceOf(scoresA: readonly number[], scoresB: readonly number[]): number {
  const most = Math.max(...[...scoresA, ...scoresB].map(Math.abs));
  const rounding = ((scoresA.length + scoresB.length + 2) * most * Number.EPSILON) / 2;
  const difference = meanOf(scoresB) - meanOf(scoresA);
  return Math.abs(difference) <= rounding ? 0 : difference;
}

function variance(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function around(centre: number, error: number, freedom: number, level: number): Interval {
  const half = error === 0 ? 0 : -studentQuantile((1 - level) / 2, freedom) * error;
  return { low: centre - half, high: centre + half };
}

/** Mean, spread and Student's interval. @throws MetricsInputError for no scores or one that is no finite number. */
export function summarizeSeeds(scores: readonly number[], level = 0.95): SeedSummary {
  checkLevel(level);
  checkScores(scores, 'the recipe');
  const seeds = scores.length;
  const mean = meanOf(scores);
  if (seeds === 1) return { seeds, mean, deviation: NaN, interval: { low: NaN, high: NaN } };
  const deviation = Math.sqrt(variance(scores));
  return { seeds, mean, deviation, interval: around(mean, deviation / Math.sqrt(seeds), seeds - 1, level) };
}

/** Degrees of freedom of a sum of two estimated variances. Welch (1947) and Satterthwaite. */
function sharedFreedom(partA: number, partB: number, seedsA: number, seedsB: number): number {
  const whole = partA + partB;
  // no spread, or one whose square is too small for its digits
  if (whole * whole < Number.MIN_VALUE / Number.EPSILON) return seedsA + seedsB - 2;
  return (whole * whole) / ((partA * partA) / (seedsA - 1) + (partB * partB) / (seedsB - 1));
}

function pairsWon(a: readonly number[], b: readonly number[]): number {
  let won = 0;
  for (const left of a) for (const right of b) won += right > left ? 1 : right === left ? 0.5 : 0;
  return won / (a.length * b.length);
}

function tail(difference: number, error: number, freedom: number): number {
  if (error === 0) return difference > 0 ? 1 : difference < 0 ? 0 : 0.5;
  return studentCdf(difference / error, freedom);
}

/**
 * Compares two recipes by the scores of their seeds: judges recipes, where McNemar judges two fitted models. Welch's t
 * (unequal spreads), and the predictive t for one new seed of each. Means that differ by rounding alone are equal.
 * @param scoresA at least two. @param scoresB at least two.
 * @throws MetricsInputError for fewer seeds, or a score that is no finite number.
 */
export function compareSeeds(
  scoresA: readonly number[],
  scoresB: readonly number[],
  level = 0.95,
): SeedComparison {
  checkScores(scoresA, 'A');
  checkScores(scoresB, 'B');
  if (scoresA.length < 2 || scoresB.length < 2) {
    throw new MetricsInputError(
      `the spread over seeds needs at least 2 seeds of each, got ${scoresA.length} of A and ${scoresB.length} of B`,
    );
  }
  const [a, b] = [summarizeSeeds(scoresA, level), summarizeSeeds(scoresB, level)];
  const difference = differenceOf(scoresA, scoresB);
  const [spreadA, spreadB] = [a.deviation ** 2, b.deviation ** 2];
  const freedom = sharedFreedom(spreadA / a.seeds, spreadB / b.seeds, a.seeds, b.seeds);
  const error = Math.sqrt(spreadA / a.seeds + spreadB / b.seeds);
  const [newA, newB] = [spreadA * (1 + 1 / a.seeds), spreadB * (1 + 1 / b.seeds)];
  const [newError, newFreedom] = [Math.sqrt(newA + newB), sharedFreedom(newA, newB, a.seeds, b.seeds)];
  const below = tail(difference, error, freedom);
  const pooled = Math.sqrt((spreadA + spreadB) / 2);
  const needed = seedsNeeded(difference === 0 ? 0 : difference / pooled);
  return {
    a,
    b,
    difference,
    interval: around(difference, error, freedom, level),
    p: Math.min(1, 2 * Math.min(below, 1 - below)),
    freedom,
    newSeeds: around(difference, newError, newFreedom, level),
    beatsOnNewSeed: tail(difference, newError, newFreedom),
    pairsWon: pairsWon(scoresA, scoresB),
    seedsNeeded: Number.isFinite(needed) ? needed : null,
  };
}
