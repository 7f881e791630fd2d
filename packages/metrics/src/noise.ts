import { MetricsInputError } from './errors.ts';

/** Where the uncertainty of a recipe's accuracy comes from; all are standard deviations of an accuracy, in [0, 1]. */
export interface NoiseComponents {
  readonly seeds: number;
  readonly samples: number;
  readonly accuracy: number;
  /** Of training again with another seed, on endless test samples. */
  readonly seedNoise: number;
  /** Of drawing another test set of this size, for endless seeds. */
  readonly sampleNoise: number;
  /** Of one seed's luck with this test set's samples: what neither alone explains. */
  readonly interaction: number;
  /** All three together, of the mean accuracy of these seeds on a test set of this size. */
  readonly total: number;
}

/**
 * Splits the variance of a recipe's accuracy into seed noise and sample noise: method of moments of the two-way
 * random-effects layout seeds x samples, one observation a cell. Searle, Casella and McCulloch, "Variance
 * components" (1992), chapter 4; a component that comes out negative is 0.
 * @param correct per seed, 1 or 0 per sample; at least two seeds, the same samples, at least two of them.
 * @throws MetricsInputError for fewer, or rows of different lengths.
 */
export function noiseComponents(correct: readonly ArrayLike<number>[]): NoiseComponents {
  const seeds = correct.length;
  const samples = correct[0]?.length ?? 0;
  if (seeds < 2) throw new MetricsInputError(`noise over seeds needs at least 2 seeds, got ${seeds}`);
  if (samples < 2) throw new MetricsInputError(`noise over samples needs at least 2 samples, got ${samples}`);
  const squares = meanSquares(correct, seeds, samples);
  const interaction = squares.rest;
  const seedVariance = Math.max(0, (squares.ofSeeds - squares.rest) / samples);
  const sampleVariance = Math.max(0, (squares.ofSamples - squares.rest) / seeds);
  return {
    seeds,
    samples,
    accuracy: squares.mean,
    seedNoise: Math.sqrt(seedVariance),
    sampleNoise: Math.sqrt(sampleVariance / samples),
    interaction: Math.sqrt(interaction / samples),
    total: Math.sqrt(seedVariance / seeds + sampleVariance / samples + interaction / (seeds * samples)),
  };
}

/** Mean squares of the two-way analysis of variance, from whole numbers: rows that are equal differ by exactly nothing. */
function meanSquares(correct: readonly ArrayLike<number>[], seeds: number, samples: number) {
  const ofSeed = new Float64Array(seeds);
  const ofSample = new Float64Array(samples);
  let hits = 0;
  correct.forEach((row, seed) => {
    if (row.length !== samples) {
      throw new MetricsInputError(`seed ${seed} has ${row.length} samples, seed 0 has ${samples}`);
    }
    for (let i = 0; i < samples; i++) {
      const hit = row[i]!;
      if (hit !== 0 && hit !== 1) throw new MetricsInputError(`expected 1 or 0 (right or wrong), got ${hit}`);
      ofSeed[seed]! += hit;
      ofSample[i]! += hit;
      hits += hit;
    }
  });
  const cells = seeds * samples;
  const squares = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count * count, 0);
  // sums of squares times the number of cells: whole numbers all
  const betweenSeeds = seeds * squares(ofSeed) - hits * hits;
  const betweenSamples = samples * squares(ofSample) - hits * hits;
  const whole = hits * (cells - hits);
  return {
    mean: hits / cells,
    ofSeeds: betweenSeeds / cells / (seeds - 1),
    ofSamples: betweenSamples / cells / (samples - 1),
    rest: Math.max(0, whole - betweenSeeds - betweenSamples) / cells / ((seeds - 1) * (samples - 1)),
  };
}

/** Standard deviation of one accuracy over test sets of this size: sqrt(p (1 - p) / n). */
export function binomialNoise(accuracy: number, samples: number): number {
  return Math.sqrt((accuracy * (1 - accuracy)) / samples);
}
