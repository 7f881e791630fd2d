import { checkClass, checkClasses } from './confusion.ts';
import { MetricsInputError } from './errors.ts';

/** Class probabilities, row by row: `[count, classes]`. */
export type Probabilities = Float32Array | Float64Array;

function rowCount(probabilities: Probabilities, classes: number): number {
  checkClasses(classes);
  const count = probabilities.length / classes;
  if (!Number.isInteger(count)) {
    throw new MetricsInputError(
      `${probabilities.length} probabilities do not divide into rows of ${classes}`,
    );
  }
  return count;
}

/**
 * The number of rows, once everything about them is in order.
 * @throws MetricsInputError for no samples, wrong lengths, probabilities outside [0, 1].
 */
export function checkedRowCount(
  labels: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
): number {
  const count = rowCount(probabilities, classes);
  if (count !== labels.length) {
    throw new MetricsInputError(`${labels.length} labels but ${count} rows of ${classes} probabilities`);
  }
  if (count === 0) throw new MetricsInputError('there are no samples to judge');
  for (let i = 0; i < probabilities.length; i++) {
    const value = probabilities[i]!;
    if (!(value >= 0 && value <= 1)) {
      throw new MetricsInputError(
        `probability ${value} in row ${Math.floor(i / classes)} is outside [0, 1]` +
          (Number.isNaN(value) ? ': the model has diverged' : ''),
      );
    }
  }
  return count;
}

/**
 * The most probable class of each row. Ties go to the lowest class and NaN counts as largest, as in numpy's `argmax`.
 * @param probabilities `[count, classes]`, at most 256 classes.
 */
export function argmax(probabilities: Probabilities, classes: number): Uint8Array {
  const count = rowCount(probabilities, classes);
  if (classes > 256) throw new MetricsInputError(`at most 256 classes fit a byte, got ${classes}`);
  const winners = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const start = row * classes;
    let best = probabilities[start]!;
    for (let index = 1; index < classes && !Number.isNaN(best); index++) {
      const value = probabilities[start + index]!;
      if (value > best || Number.isNaN(value)) {
        best = value;
        winners[row] = index;
      }
    }
  }
  return winners;
}

/** The place (0 is best) of `label` in a row. Ties: see {@link topKAccuracy}. */
function rankOf(probabilities: Probabilities, start: number, classes: number, label: number): number {
  const own = probabilities[start + label]!;
  let rank = 0;
  for (let index = 0; index < classes; index++) {
    const value = probabilities[start + index]!;
    const winsTie = classes === 2 ? index < label : index > label;
    if (value > own || (value === own && winsTie)) rank++;
  }
  return rank;
}

/**
 * The share of samples whose true class is among the `k` most probable ones, in [0, 1]; scikit-learn's
 * `top_k_accuracy_score` with `labels=range(classes)`. Ties as there: the *highest* class comes first, except that
 * of two classes the lower does; so with ties `k = 1` can differ from the accuracy of {@link argmax}.
 * @throws MetricsInputError for no samples, wrong lengths, `k` below 1, probabilities outside [0, 1].
 */
export function topKAccuracy(
  labels: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
  k: number,
): number {
  if (!Number.isInteger(k) || k < 1) {
    throw new MetricsInputError(`k must be a whole number of at least 1, got ${k}`);
  }
  const count = checkedRowCount(labels, probabilities, classes);
  let hits = 0;
  for (let row = 0; row < count; row++) {
    const label = checkClass(labels[row], classes, 'label', row);
    if (rankOf(probabilities, row * classes, classes, label) < k) hits++;
  }
  return hits / count;
}

/** Distance from 1 to the next number of the type, numpy's `finfo(dtype).eps`. */
export const EPSILON = { single: 2 ** -23, double: 2 ** -52 };

/**
 * Mean negative natural logarithm of the probability given to the true class; scikit-learn's `log_loss` (1.9) with
 * `labels=range(classes)`: probabilities are clipped to [eps, 1 - eps], eps being the machine epsilon of their own
 * type, and rows are *not* normalised. Sums in double precision also for 32-bit input.
 * @throws MetricsInputError for no samples, wrong lengths, probabilities outside [0, 1].
 */
export function logLoss(labels: ArrayLike<number>, probabilities: Probabilities, classes: number): number {
  const count = checkedRowCount(labels, probabilities, classes);
  const epsilon = probabilities instanceof Float32Array ? EPSILON.single : EPSILON.double;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const label = checkClass(labels[row], classes, 'label', row);
    const probability = probabilities[row * classes + label]!;
    sum -= Math.log(Math.min(Math.max(probability, epsilon), 1 - epsilon));
  }
  return sum / count;
}
