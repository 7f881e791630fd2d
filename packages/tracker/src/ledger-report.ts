import {
  classificationReport,
  confusionMatrix,
  formatMatrix,
  formatReport,
  type ClassificationReport,
} from '@atelier/metrics';
import type { Tracker } from './tracker.ts';

/** What a prediction ledger says, in numbers and as text. */
export interface JudgedLedger {
  readonly split: string;
  readonly checkpoint: string;
  readonly datasetDigest: string;
  readonly classNames: readonly string[];
  readonly report: ClassificationReport;
  /** Row: true class; column: predicted class. */
  readonly matrix: readonly (readonly number[])[];
  readonly reportText: string;
  readonly matrixText: string;
}

/** Undefined where the ledger's dataset was not recorded, or with another number of samples: nothing can be said. */
export function judgeLedger(
  tracker: Pick<Tracker, 'predictions' | 'dataset'>,
  runId: number,
  of: { readonly split: string; readonly checkpoint: string },
): JudgedLedger | undefined {
  const ledger = tracker.predictions(runId, of);
  const dataset = ledger && tracker.dataset(ledger.datasetDigest);
  const labels = dataset?.splits[of.split]?.labels;
  if (ledger === undefined || dataset === undefined || labels?.length !== ledger.predicted.length)
    return undefined;
  const { classes, datasetDigest } = ledger;
  const matrix = confusionMatrix(labels, ledger.predicted, classes);
  const report = classificationReport(matrix);
  return {
    split: of.split,
    checkpoint: of.checkpoint,
    datasetDigest,
    classNames: dataset.classNames,
    report,
    matrix: dataset.classNames.map((_, row) => [
      ...matrix.counts.subarray(row * classes, (row + 1) * classes),
    ]),
    reportText: formatReport(report, dataset.classNames),
    matrixText: formatMatrix(matrix, dataset.classNames),
  };
}
