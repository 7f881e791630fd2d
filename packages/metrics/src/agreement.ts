import { confusionMatrix, type ConfusionMatrix } from './confusion.ts';

interface Margins {
  readonly count: number;
  readonly hits: number;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

function margins({ classes, counts }: ConfusionMatrix): Margins {
  const rows = new Float64Array(classes);
  const columns = new Float64Array(classes);
  let count = 0;
  let hits = 0;
  for (let row = 0; row < classes; row++) {
    hits += counts[row * classes + row]!;
    for (let column = 0; column < classes; column++) {
      const cell = counts[row * classes + column]!;
      rows[row]! += cell;
      columns[column]! += cell;
      count += cell;
    }
  }
  return { count, hits, rows, columns };
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}

/**
 * Cohen's kappa (1960): agreement beyond chance, 1 for perfect, 0 for chance, negative for worse. Of labels against
 * predictions it is a score, of two runs' predictions their likeness. scikit-learn's `cohen_kappa_score`; NaN where
 * chance alone would agree always (one class only, or no samples), as there.
 */
export function cohenKappa(matrix: ConfusionMatrix): number {
  const { count, hits, rows, columns } = margins(matrix);
  const chance = dot(rows, columns);
  const most = count * count;
  return chance === most ? NaN : (count * hits - chance) / (most - chance);
}

/**
 * Matthews' correlation coefficient in Gorodkin's form for many classes (2004), in [-1, 1]; scikit-learn's
 * `matthews_corrcoef`: 0 where one class takes all labels or all predictions.
 */
export function matthewsCorrelation(matrix: ConfusionMatrix): number {
  const { count, hits, rows, columns } = margins(matrix);
  const covariance = count * hits - dot(rows, columns);
  const spread = (count * count - dot(rows, rows)) * (count * count - dot(columns, columns));
  return spread === 0 ? 0 : covariance / Math.sqrt(spread);
}

/** Cohen's kappa of two runs' answers to the same samples. @throws MetricsInputError as {@link confusionMatrix}. */
export function agreement(
  predictedA: ArrayLike<number>,
  predictedB: ArrayLike<number>,
  classes: number,
): number {
  return cohenKappa(confusionMatrix(predictedA, predictedB, classes));
}
