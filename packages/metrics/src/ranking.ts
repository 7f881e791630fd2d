import { checkClass } from './confusion.ts';
import { MetricsInputError } from './errors.ts';
import { checkedRowCount, type Probabilities } from './probabilities.ts';
import { sorted } from './sorted.ts';

/** Scores of the samples that are of the class and of those that are not, each ascending. */
interface Ranked {
  readonly positives: Float32Array | Float64Array;
  readonly negatives: Float32Array | Float64Array;
}

/** One point per distinct score: how many samples of each kind score at least `threshold`, thresholds falling. */
interface Steps {
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

type Columns = [Float64Array, Float64Array, Float64Array];

/** ROC curve from (0, 0) to (1, 1); thresholds fall from Infinity ("nothing is of the class"). */
export interface RocCurve {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
  readonly thresholds: Float64Array;
}

/** Precision against recall; recall falls, and the last point is precision 1 at recall 0 without a threshold. */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly thresholds: Float64Array;
}

/** Areas under both curves, each in [0, 1]; NaN where every sample or no sample is of the class. */
export interface RankingAreas {
  readonly rocArea: number;
  readonly averagePrecision: number;
}

function rank(scores: ArrayLike<number>, isPositive: ArrayLike<number>): Ranked {
  if (scores.length !== isPositive.length) {
    throw new MetricsInputError(`${scores.length} scores but ${isPositive.length} labels`);
  }
  let hits = 0;
  for (let i = 0; i < scores.length; i++) if (isPositive[i]) hits++;
  const Numbers = scores instanceof Float32Array ? Float32Array : Float64Array;
  const positives = new Numbers(hits);
  const negatives = new Numbers(scores.length - hits);
  let positive = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Number.isNaN(score)) throw new MetricsInputError(`score ${i} is NaN: the model has diverged`);
    if (isPositive[i]) positives[positive++] = score;
    else negatives[i - positive] = score;
  }
  return { positives: sorted(positives), negatives: sorted(negatives) };
}

/** From the highest score down, samples of equal scores together. */
function steps({ positives, negatives }: Ranked): Steps {
  const most = positives.length + negatives.length;
  const [thresholds, truePositives, falsePositives] = [0, 1, 2].map(() => new Float64Array(most)) as Columns;
  let p = positives.length;
  let n = negatives.length;
  let at = 0;
  for (; p > 0 || n > 0; at++) {
    const hit = p > 0 ? positives[p - 1]! : -Infinity;
    const alarm = n > 0 ? negatives[n - 1]! : -Infinity;
    const threshold = hit > alarm ? hit : alarm;
    while (p > 0 && positives[p - 1]! >= threshold) p--;
    while (n > 0 && negatives[n - 1]! >= threshold) n--;
    thresholds[at] = threshold;
    truePositives[at] = positives.length - p;
    falsePositives[at] = negatives.length - n;
  }
  return {
    thresholds: thresholds.slice(0, at),
    truePositives: truePositives.subarray(0, at),
    falsePositives: falsePositives.subarray(0, at),
  };
}

function padded(values: Float64Array, extra: number, side: 'before' | 'after'): Float64Array {
  const longer = new Float64Array(values.length + 1);
  longer.set(values, side === 'before' ? 1 : 0);
  longer[side === 'before' ? 0 : values.length] = extra;
  return longer;
}

/**
 * scikit-learn's `roc_curve(..., drop_intermediate=False)`: one point per distinct score, samples with equal scores
 * crossing together. Rates are NaN where there is nothing to take a rate of.
 * @param scores any finite numbers, higher = more of the class. @param isPositive 1 or true where of the class.
 * @throws MetricsInputError for different lengths or NaN.
 */
export function rocCurve(scores: ArrayLike<number>, isPositive: ArrayLike<number>): RocCurve {
  const ranked = rank(scores, isPositive);
  const { thresholds, truePositives, falsePositives } = steps(ranked);
  return {
    thresholds: padded(thresholds, Infinity, 'before'),
    truePositiveRate: padded(truePositives, 0, 'before').map((hits) => hits / ranked.positives.length),
    falsePositiveRate: padded(falsePositives, 0, 'before').map((hits) => hits / ranked.negatives.length),
  };
}

/** scikit-learn's `precision_recall_curve`. Arguments and errors as {@link rocCurve}. */
export function precisionRecallCurve(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<number>,
): PrecisionRecallCurve {
  const ranked = rank(scores, isPositive);
  const { thresholds, truePositives, falsePositives } = steps(ranked);
  const precision = truePositives.map((hits, index) => hits / (hits + falsePositives[index]!));
  const recall = truePositives.map((hits) => hits / ranked.positives.length);
  return {
    precision: padded(precision.reverse(), 1, 'after'),
    recall: padded(recall.reverse(), 0, 'after'),
    thresholds: thresholds.reverse(),
  };
}

function areas(ranked: Ranked): RankingAreas {
  const positives = ranked.positives.length;
  const negatives = ranked.negatives.length;
  const { truePositives, falsePositives } = steps(ranked);
  let rocArea = 0;
  let averagePrecision = 0;
  let hitsBefore = 0;
  let alarmsBefore = 0;
  for (let at = 0; at < truePositives.length; at++) {
    const hits = truePositives[at]!;
    const falseAlarms = falsePositives[at]!;
    rocArea += ((hits + hitsBefore) / 2) * (falseAlarms - alarmsBefore);
    averagePrecision += (hits - hitsBefore) * (hits / (hits + falseAlarms));
    hitsBefore = hits;
    alarmsBefore = falseAlarms;
  }
  const defined = positives > 0 && negatives > 0;
  return {
    rocArea: defined ? rocArea / (positives * negatives) : NaN,
    averagePrecision: defined ? averagePrecision / positives : NaN,
  };
}

/**
 * Area under the ROC curve (a tie counts one half, as Mann and Whitney) and average precision (sum of precision times
 * the growth of recall, no interpolation): scikit-learn's `roc_auc_score` and `average_precision_score`.
 */
export function rankingAreas(scores: ArrayLike<number>, isPositive: ArrayLike<number>): RankingAreas {
  return areas(rank(scores, isPositive));
}

/** Areas one class against the rest, and their averages. */
export interface ClassRanking {
  readonly perClass: readonly RankingAreas[];
  /** Mean over the classes that have an area. */
  readonly macro: RankingAreas;
  /** All cells of `[count, classes]` thrown together, each asking "is the sample of this class?". */
  readonly micro: RankingAreas;
}

/**
 * One-vs-rest areas from class probabilities; scikit-learn's scores with `average=None | "macro" | "micro"` on
 * one-hot labels, except that the macro average leaves out classes without samples (there it is NaN).
 * @param probabilities `[count, classes]`. @throws MetricsInputError as {@link checkedRowCount}.
 */
export function classRanking(
  labels: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
): ClassRanking {
  const count = checkedRowCount(labels, probabilities, classes);
  const isClass = new Uint8Array(count * classes);
  for (let i = 0; i < count; i++) isClass[i * classes + checkClass(labels[i], classes, 'label', i)] = 1;
  const perClass = Array.from({ length: classes }, (_, index) => {
    const column = probabilities instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
    const positive = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      column[i] = probabilities[i * classes + index]!;
      positive[i] = isClass[i * classes + index]!;
    }
    return rankingAreas(column, positive);
  });
  const defined = perClass.filter((each) => !Number.isNaN(each.rocArea));
  const mean = (pick: (each: RankingAreas) => number): number =>
    defined.reduce((sum, each) => sum + pick(each), 0) / defined.length;
  const macro = {
    rocArea: mean((each) => each.rocArea),
    averagePrecision: mean((each) => each.averagePrecision),
  };
  return { perClass, macro, micro: rankingAreas(probabilities, isClass) };
}
