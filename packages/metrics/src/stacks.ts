import { checkClass, checkClasses } from './confusion.ts';
import { MetricsInputError } from './errors.ts';

/** Positions of samples in the split, ascending, by who had them right; together every sample looked at, once. */
export interface Stacks {
  /** Wrong in A, right in B. */
  readonly fixed: Uint32Array;
  /** Right in A, wrong in B. */
  readonly broken: Uint32Array;
  readonly bothWrong: Uint32Array;
  readonly bothRight: Uint32Array;
}

/** One cell of the confusion matrix: samples truly of class `label` that A or B (or both) took for `predicted`. */
export interface Cell {
  readonly label: number;
  readonly predicted: number;
}

interface Ledgers {
  readonly labels: ArrayLike<number>;
  readonly predictedA: ArrayLike<number>;
  readonly predictedB: ArrayLike<number>;
}

function inCell({ labels, predictedA, predictedB }: Ledgers, index: number, cell: Cell): boolean {
  if (labels[index] !== cell.label) return false;
  return predictedA[index] === cell.predicted || predictedB[index] === cell.predicted;
}

/**
 * Sorts samples into the four stacks. With `cell`, only samples truly of `cell.label` that at least one of the two
 * runs took for `cell.predicted`.
 * @throws MetricsInputError for different lengths.
 */
export function stacks(ledgers: Ledgers, cell?: Cell): Stacks {
  const { labels, predictedA, predictedB } = ledgers;
  if (labels.length !== predictedA.length || labels.length !== predictedB.length) {
    throw new MetricsInputError(
      `${labels.length} labels but ${predictedA.length} predictions of A and ${predictedB.length} of B`,
    );
  }
  const found: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let i = 0; i < labels.length; i++) {
    if (cell && !inCell(ledgers, i, cell)) continue;
    found[(predictedA[i] === labels[i] ? 1 : 0) + (predictedB[i] === labels[i] ? 2 : 0)]!.push(i);
  }
  const [bothWrong, broken, fixed, bothRight] = found.map((indices) => Uint32Array.from(indices));
  return { fixed: fixed!, broken: broken!, bothWrong: bothWrong!, bothRight: bothRight! };
}

/** Where the samples of one true class go: `counts[a * classes + b]` of them A took for `a` and B for `b`. */
export function answerFlow(ledgers: Ledgers, classes: number, label: number): Uint32Array {
  checkClasses(classes);
  checkClass(label, classes, 'label', 0);
  const counts = new Uint32Array(classes * classes);
  for (let i = 0; i < ledgers.labels.length; i++) {
    if (ledgers.labels[i] !== label) continue;
    const from = checkClass(ledgers.predictedA[i], classes, 'prediction of A', i);
    counts[from * classes + checkClass(ledgers.predictedB[i], classes, 'prediction of B', i)]! += 1;
  }
  return counts;
}
