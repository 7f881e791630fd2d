import { checkClass, checkClasses } from './confusion.ts';
import { LedgerMismatchError, MetricsInputError } from './errors.ts';
import { argmax, checkedRowCount, type Probabilities } from './probabilities.ts';

/** The answers of two runs to the same samples, in the same order, with everything about them in order. */
export interface PairedLedger {
  readonly classes: number;
  readonly labels: Uint16Array;
  readonly predictedA: Uint16Array;
  readonly predictedB: Uint16Array;
  /** `[count, classes]` of both runs, or of neither. */
  readonly probabilitiesA?: Probabilities;
  readonly probabilitiesB?: Probabilities;
}

/** What a caller knows of two runs. Give predictions, probabilities or both; predictions default to the argmax. */
export interface PairedLedgerInput {
  readonly classes: number;
  readonly labels: ArrayLike<number>;
  readonly predictedA?: ArrayLike<number> | undefined;
  readonly predictedB?: ArrayLike<number> | undefined;
  readonly probabilitiesA?: Probabilities | undefined;
  readonly probabilitiesB?: Probabilities | undefined;
}

function checked(values: ArrayLike<number>, classes: number, what: string): Uint16Array {
  const copy = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) copy[i] = checkClass(values[i], classes, what, i);
  return copy;
}

/** @throws LedgerMismatchError where the sizes say that the ledger is of something else. */
function checkShape(
  name: 'A' | 'B',
  { classes, labels }: PairedLedgerInput,
  predicted: ArrayLike<number> | undefined,
  probabilities: Probabilities | undefined,
): void {
  const count = labels.length;
  if (probabilities && probabilities.length !== count * classes) {
    const seems = probabilities.length / count;
    throw new LedgerMismatchError(
      `${name} has ${probabilities.length} probabilities, expected ${count} rows of ${classes}` +
        (Number.isInteger(seems) ? `: its ledger seems to have ${seems} classes` : ''),
    );
  }
  if (predicted && predicted.length !== count) {
    throw new LedgerMismatchError(
      `${name} answers ${predicted.length} samples but there are ${count} labels: is its ledger of another split or dataset?`,
    );
  }
}

function answers(
  name: 'A' | 'B',
  { classes, labels }: PairedLedgerInput,
  predicted: ArrayLike<number> | undefined,
  probabilities: Probabilities | undefined,
): Uint16Array {
  if (probabilities) checkedRowCount(labels, probabilities, classes);
  const given = predicted ?? (probabilities && argmax(probabilities, classes));
  if (!given) throw new MetricsInputError(`${name} has neither predictions nor probabilities`);
  return checked(given, classes, `prediction of ${name}`);
}

/**
 * Checks two ledgers against their labels.
 * @throws LedgerMismatchError where the two cannot be of the same samples and classes.
 * @throws MetricsInputError for no samples, labels that are no class, probabilities outside [0, 1].
 */
export function pairLedgers(input: PairedLedgerInput): PairedLedger {
  checkClasses(input.classes);
  if (input.classes > 65_535) throw new MetricsInputError(`at most 65535 classes, got ${input.classes}`);
  if (input.labels.length === 0) throw new MetricsInputError('there are no samples to compare');
  const { probabilitiesA, probabilitiesB } = input;
  checkShape('A', input, input.predictedA, probabilitiesA);
  checkShape('B', input, input.predictedB, probabilitiesB);
  const both = probabilitiesA && probabilitiesB ? { probabilitiesA, probabilitiesB } : {};
  return {
    classes: input.classes,
    labels: checked(input.labels, input.classes, 'label'),
    predictedA: answers('A', input, input.predictedA, probabilitiesA),
    predictedB: answers('B', input, input.predictedB, probabilitiesB),
    ...both,
  };
}
