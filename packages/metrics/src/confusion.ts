import { MetricsInputError } from './errors.ts';

/** How often class `row` was predicted as class `column`: `counts[row * classes + column]`. */
export interface ConfusionMatrix {
  readonly classes: number;
  readonly counts: Uint32Array;
}

/** @throws MetricsInputError where `value` is no whole number in [0, classes). */
export function checkClass(value: number | undefined, classes: number, what: string, index: number): number {
  if (value === undefined || !Number.isInteger(value) || value < 0 || value >= classes) {
    throw new MetricsInputError(
      `${what} ${value} at position ${index} is no class: expected a whole number from 0 to ${classes - 1}`,
    );
  }
  return value;
}

/** @throws MetricsInputError where the number of classes makes no sense. */
export function checkClasses(classes: number): void {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new MetricsInputError(`the number of classes must be a whole number of at least 1, got ${classes}`);
  }
}

/**
 * Counts true against predicted classes; rows are true classes, as in scikit-learn's `confusion_matrix`
 * with `labels=range(classes)`. Classes that never occur keep their empty row and column.
 * @param labels true class of each sample, in [0, classes).
 * @param predictions predicted class of each sample, as many as labels.
 * @throws MetricsInputError for different lengths or a value that is no class.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  checkClasses(classes);
  if (labels.length !== predictions.length) {
    throw new MetricsInputError(`${labels.length} labels but ${predictions.length} predictions`);
  }
  const counts = new Uint32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    const row = checkClass(labels[i], classes, 'label', i);
    const column = checkClass(predictions[i], classes, 'prediction', i);
    counts[row * classes + column]! += 1;
  }
  return { classes, counts };
}
