import type { ConfusionMatrix } from './confusion.ts';

/**
 * All in [0, 1] but `support`, the number of samples that truly are of the class. Of a class without samples nothing is
 * known: recall and F1 are NaN then, and so is the precision where nothing was called it either.
 */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

export interface ClassificationReport {
  readonly accuracy: number;
  /** One entry per class, in class order. */
  readonly perClass: readonly ClassScores[];
  /** Plain mean over the classes that have samples. `support` is the number of samples. */
  readonly macro: ClassScores;
  /** Mean over classes weighted by support. `support` is the number of samples. */
  readonly weighted: ClassScores;
}

/** 0 / 0 is 0, as scikit-learn's `zero_division=0`. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function scoresOf({ classes, counts }: ConfusionMatrix, index: number): ClassScores {
  let support = 0;
  let predicted = 0;
  for (let other = 0; other < classes; other++) {
    support += counts[index * classes + other]!;
    predicted += counts[other * classes + index]!;
  }
  const hits = counts[index * classes + index]!;
  if (support === 0) return { precision: hits / predicted, recall: NaN, f1: NaN, support };
  return {
    precision: ratio(hits, predicted),
    recall: hits / support,
    // 2PR/(P+R) with the counts put in: no division by a rounded sum
    f1: (2 * hits) / (support + predicted),
    support,
  };
}

function average(scores: readonly ClassScores[], weightOf: (score: ClassScores) => number): ClassScores {
  const sums = { precision: 0, recall: 0, f1: 0, support: 0, weight: 0 };
  for (const score of scores) {
    if (score.support === 0) continue;
    const weight = weightOf(score);
    sums.precision += weight * score.precision;
    sums.recall += weight * score.recall;
    sums.f1 += weight * score.f1;
    sums.support += score.support;
    sums.weight += weight;
  }
  return {
    precision: ratio(sums.precision, sums.weight),
    recall: ratio(sums.recall, sums.weight),
    f1: ratio(sums.f1, sums.weight),
    support: sums.support,
  };
}

/**
 * Precision, recall, F1 and support per class with their averages: scikit-learn's `classification_report` with
 * `labels=` the classes that have samples, `zero_division=0`. A class with samples that is never predicted has precision
 * 0; a class without samples has no recall and counts in no average. With no samples at all the averages are 0.
 */
export function classificationReport(matrix: ConfusionMatrix): ClassificationReport {
  const perClass = Array.from({ length: matrix.classes }, (_, index) => scoresOf(matrix, index));
  let hits = 0;
  for (let index = 0; index < matrix.classes; index++) hits += matrix.counts[index * (matrix.classes + 1)]!;
  const weighted = average(perClass, (score) => score.support);
  return {
    accuracy: ratio(hits, weighted.support),
    perClass,
    macro: average(perClass, () => 1),
    weighted,
  };
}
