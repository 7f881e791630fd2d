import type { ClassificationReport, ClassScores } from './classification.ts';
import { MetricsInputError } from './errors.ts';

const CELL = 9;

/** `value` with `digits` decimals; an exact half goes to the even digit, as Python writes it (toFixed goes up). */
export function toFixedHalfEven(value: number, digits: number): string {
  // value * 10^d ends in exactly .5 only where value is an odd multiple of 2^-(d+1)
  const halves = value * 2 ** (digits + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return value.toFixed(digits);
  const below = Math.floor(value * 10 ** digits);
  return ((below % 2 === 0 ? below : below + 1) / 10 ** digits).toFixed(digits);
}

/** A score, or a dash where it is not known: of a class without samples. */
function scoreText(value: number, digits: number): string {
  return Number.isNaN(value) ? '-' : toFixedHalfEven(value, digits);
}

/** @throws MetricsInputError where there is not one name per class. */
export function checkNames(names: readonly string[], classes: number): void {
  if (names.length !== classes)
    throw new MetricsInputError(`${names.length} class names for ${classes} classes`);
}

/**
 * The text of scikit-learn's `classification_report(..., digits=4)`, character for character, ending in a line break;
 * classes without samples have their row, with dashes.
 * @param classNames one per class, in class order.
 */
export function formatReport(
  report: ClassificationReport,
  classNames: readonly string[],
  digits = 4,
): string {
  checkNames(classNames, report.perClass.length);
  const width = Math.max(...classNames.map((name) => name.length), 'weighted avg'.length, digits);
  const line = (head: string, cells: readonly string[]): string =>
    `${head.padStart(width)} ${cells.map((cell) => ` ${cell.padStart(CELL)}`).join('')}\n`;
  const row = (head: string, scores: ClassScores): string =>
    line(head, [
      ...[scores.precision, scores.recall, scores.f1].map((value) => scoreText(value, digits)),
      String(scores.support),
    ]);
  const accuracy = [toFixedHalfEven(report.accuracy, digits), String(report.weighted.support)];
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '\n',
    ...report.perClass.map((scores, index) => row(classNames[index]!, scores)),
    '\n',
    line('accuracy', ['', '', ...accuracy]),
    row('macro avg', report.macro),
    row('weighted avg', report.weighted),
  ].join('');
}
