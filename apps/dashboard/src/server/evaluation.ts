import { classificationReport, confusionMatrix, logLoss, type ClassScores } from '@atelier/metrics';
import type { DatasetRecord, Predictions, Tracker } from '@atelier/tracker';
import type { EvaluatedSplit, SamplesQuery } from '../api/query.ts';
import type { Evaluation, Sample, SamplePage, Scores } from '../api/schema.ts';
import { NotFoundError } from '../errors.ts';

/** A ledger beside the true classes it is judged by. */
export interface Judged {
  readonly predictions: Predictions;
  readonly dataset: DatasetRecord;
  readonly labels: Uint8Array;
}

/** @throws NotFoundError where the run has no predictions of the split, RunUnknownError where there is no run. */
export function judge(tracker: Tracker, id: number, split: EvaluatedSplit): Judged {
  const predictions = tracker.predictions(id, { split });
  if (predictions === undefined) {
    const run = tracker.getRun(id);
    throw new NotFoundError(
      'NO_PREDICTIONS',
      `run ${id} (${run.name}) has no predictions of the ${split} split`,
    );
  }
  const dataset = tracker.dataset(predictions.datasetDigest);
  const labels = dataset?.splits[split]?.labels;
  if (dataset === undefined || labels === undefined) {
    throw new NotFoundError(
      'DATASET_UNKNOWN',
      `the labels of the ${split} split of run ${id} were not recorded`,
    );
  }
  return { predictions, dataset, labels };
}

/** JSON has no NaN: what is not known is null there. */
function toScores({ precision, recall, f1, support }: ClassScores): Scores {
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return { precision: known(precision), recall: known(recall), f1: known(f1), support };
}

export function evaluate(split: EvaluatedSplit, { predictions, dataset, labels }: Judged): Evaluation {
  const { classes, checkpoint, predicted, probabilities } = predictions;
  const matrix = confusionMatrix(labels, predicted, classes);
  const report = classificationReport(matrix);
  return {
    split,
    checkpoint,
    dataset: {
      digest: dataset.digest,
      name: dataset.name,
      height: dataset.image.height,
      width: dataset.image.width,
    },
    classNames: [...dataset.classNames],
    count: labels.length,
    counts: Array.from({ length: classes }, (_, row) => [
      ...matrix.counts.subarray(row * classes, (row + 1) * classes),
    ]),
    accuracy: report.accuracy,
    loss: logLoss(labels, probabilities, classes),
    perClass: report.perClass.map(toScores),
    macro: toScores(report.macro),
    weighted: toScores(report.weighted),
  };
}

function isWanted(truth: number, answer: number, query: SamplesQuery): boolean {
  if (query.true !== undefined && truth !== query.true) return false;
  if (query.predicted !== undefined && answer !== query.predicted) return false;
  if (query.kind === 'wrong') return truth !== answer;
  return query.kind === 'all' || truth === answer;
}

/** The samples a query asks for, in its order, one page of them. */
export function selectSamples({ predictions, labels }: Judged, query: SamplesQuery): SamplePage {
  const { classes, predicted, probabilities } = predictions;
  const confidence = (index: number): number => probabilities[index * classes + (predicted[index] ?? 0)] ?? 0;
  const found: number[] = [];
  labels.forEach((truth, index) => {
    if (isWanted(truth, predicted[index] ?? -1, query)) found.push(index);
  });
  const direction = query.order === 'sure' ? -1 : 1;
  if (query.order !== 'index') found.sort((a, b) => direction * (confidence(a) - confidence(b)) || a - b);
  const samples = found.slice(query.offset, query.offset + query.limit).map((index): Sample => ({
    index,
    true: labels[index] ?? 0,
    predicted: predicted[index] ?? 0,
    confidence: confidence(index),
    probabilities: [...probabilities.subarray(index * classes, (index + 1) * classes)],
  }));
  return { total: found.length, offset: query.offset, samples };
}
