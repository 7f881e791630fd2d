import { benjaminiHochberg } from './adjusted-p.ts';
import { classificationReport } from './classification.ts';
import { checkClass, confusionMatrix, type ConfusionMatrix } from './confusion.ts';
import { MetricsInputError } from './errors.ts';
import type { Interval } from './interval.ts';
import { mcnemar, type PairedTable } from './mcnemar.ts';
import { tangoInterval } from './tango.ts';

/** One class in two runs. Differences are B minus A, in [-1, 1]; NaN where a class has no samples (see `ClassScores`). */
export interface ClassComparison {
  readonly support: number;
  readonly table: PairedTable;
  readonly recall: number;
  /** Tango's interval of the difference in recall, on the samples of the class. */
  readonly recallInterval: Interval;
  readonly precision: number;
  readonly f1: number;
  /** Mid-p McNemar on the samples of the class. */
  readonly p: number;
  /** The same adjusted over all classes (Benjamini and Hochberg). */
  readonly adjustedP: number;
}

/** One cell of the confusion matrix, off its diagonal, in two runs. */
export interface CellComparison {
  readonly label: number;
  readonly predicted: number;
  readonly countA: number;
  readonly countB: number;
  /** Samples of the class that only A, and only B, took for `predicted`. */
  readonly onlyA: number;
  readonly onlyB: number;
  readonly p: number;
  /** Adjusted over all classes * (classes - 1) cells off the diagonal, empty ones included. */
  readonly adjustedP: number;
}

function classTables(
  labels: ArrayLike<number>,
  predictedA: ArrayLike<number>,
  predictedB: ArrayLike<number>,
  classes: number,
): PairedTable[] {
  const tables = Array.from({ length: classes }, () => [0, 0, 0, 0]);
  for (let i = 0; i < labels.length; i++) {
    const label = checkClass(labels[i], classes, 'label', i);
    const place = (predictedA[i] === label ? 0 : 2) + (predictedB[i] === label ? 0 : 1);
    tables[label]![place]! += 1;
  }
  return tables.map(([bothRight, onlyA, onlyB, bothWrong]) => ({
    bothRight: bothRight!,
    onlyA: onlyA!,
    onlyB: onlyB!,
    bothWrong: bothWrong!,
  }));
}

/**
 * Compares two runs class by class.
 * @throws MetricsInputError for different lengths or a value that is no class.
 */
export function compareClasses(
  labels: ArrayLike<number>,
  predictedA: ArrayLike<number>,
  predictedB: ArrayLike<number>,
  classes: number,
  level = 0.95,
): ClassComparison[] {
  const a = classificationReport(confusionMatrix(labels, predictedA, classes)).perClass;
  const b = classificationReport(confusionMatrix(labels, predictedB, classes)).perClass;
  const tables = classTables(labels, predictedA, predictedB, classes);
  const pValues = tables.map((table) => mcnemar(table).midP);
  const adjusted = benjaminiHochberg(pValues);
  return tables.map((table, c) => ({
    support: a[c]!.support,
    table,
    recall: b[c]!.recall - a[c]!.recall,
    recallInterval: tangoInterval(table, level),
    precision: b[c]!.precision - a[c]!.precision,
    f1: b[c]!.f1 - a[c]!.f1,
    p: pValues[c]!,
    adjustedP: adjusted[c]!,
  }));
}

/** Counts of B minus counts of A, row = true class, column = predicted. @throws MetricsInputError for different sizes. */
export function differenceMatrix(a: ConfusionMatrix, b: ConfusionMatrix): Int32Array {
  if (a.classes !== b.classes) {
    throw new MetricsInputError(`a matrix of ${a.classes} classes cannot be taken from one of ${b.classes}`);
  }
  return Int32Array.from(b.counts, (count, cell) => count - a.counts[cell]!);
}

/** Samples per cell that only one of the runs put there. */
function onlyCounts(
  labels: ArrayLike<number>,
  own: ArrayLike<number>,
  other: ArrayLike<number>,
  classes: number,
): Uint32Array {
  const counts = new Uint32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    if (own[i] !== other[i]) counts[labels[i]! * classes + own[i]!]! += 1;
  }
  return counts;
}

/**
 * Compares two confusion matrices cell by cell off the diagonal: for each, mid-p McNemar of "A took it for that class"
 * against "B did", on the samples of the true class. Returns the cells that A or B used, row by row.
 * @throws MetricsInputError for different lengths or a value that is no class.
 */
export function compareCells(
  labels: ArrayLike<number>,
  predictedA: ArrayLike<number>,
  predictedB: ArrayLike<number>,
  classes: number,
): CellComparison[] {
  const a = confusionMatrix(labels, predictedA, classes).counts;
  const b = confusionMatrix(labels, predictedB, classes).counts;
  const onlyA = onlyCounts(labels, predictedA, predictedB, classes);
  const onlyB = onlyCounts(labels, predictedB, predictedA, classes);
  const cells = Array.from(a, (_, cell) => cell).filter((cell) => cell % (classes + 1) !== 0);
  const pValues = cells.map((cell) => mcnemar({ onlyA: onlyA[cell]!, onlyB: onlyB[cell]! }).midP);
  const adjusted = benjaminiHochberg(pValues);
  const compared = cells.map((cell, index) => ({
    label: Math.floor(cell / classes),
    predicted: cell % classes,
    countA: a[cell]!,
    countB: b[cell]!,
    onlyA: onlyA[cell]!,
    onlyB: onlyB[cell]!,
    p: pValues[index]!,
    adjustedP: adjusted[index]!,
  }));
  return compared.filter(({ countA, countB }) => countA + countB > 0);
}
