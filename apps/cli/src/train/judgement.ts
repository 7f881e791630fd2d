import { type Split, viewsOf } from '@atelier/data';
import {
  argmax,
  classificationReport,
  confusionMatrix,
  formatMatrix,
  formatReport,
  summarizeEvaluation,
} from '@atelier/metrics';
import type { TrainConfig } from '@atelier/train';

/** The numbers of one split under their metric names: `test/accuracy`, `test/loss`, ... */
export function splitSummary(
  split: Split,
  probabilities: Float32Array,
  classes: number,
): Record<string, number> {
  const summary = summarizeEvaluation(split.labels, probabilities, classes);
  const named: Record<string, number> = {};
  for (const [name, value] of Object.entries(summary)) {
    if (value !== undefined) named[`${split.name}/${name}`] = value;
  }
  return named;
}

/** Which epoch's weights are judged and why, and by how many views. */
export function judgedWeights(config: TrainConfig, epoch: number): string {
  const { average, earlyStopping, epochs, evaluation } = config;
  const averaged = average === null ? '' : ` (averaged: ${average.kind})`;
  const views = evaluation === null ? '' : `; mean over ${viewsOf(evaluation).length} views of every image`;
  if (earlyStopping === null) return `weights of epoch ${epoch}${averaged}, the last of the schedule${views}`;
  const why = `where ${earlyStopping.monitor} was best (earlyStopping brings them back)`;
  return `weights of epoch ${epoch}${averaged} of ${epochs}, ${why}${views}`;
}

/** The classification report and the confusion matrix of a split, as text. */
export function splitReport(
  { labels }: Split,
  classes: readonly string[],
  probabilities: Float32Array,
): string {
  const matrix = confusionMatrix(labels, argmax(probabilities, classes.length), classes.length);
  const report = formatReport(classificationReport(matrix), classes);
  return `${report}\nconfusion matrix: rows are the true class, columns the predicted one\n\n${formatMatrix(matrix, classes)}`;
}
