import { z } from 'zod';
import { classificationReport } from './classification.ts';
import { confusionMatrix } from './confusion.ts';
import { argmax, logLoss, topKAccuracy, type Probabilities } from './probabilities.ts';

const Share = z.number().min(0).max(1);

/** The few numbers that say how good a classifier is on one split. `top3Accuracy` only with more than 3 classes. */
export const EvaluationSummary = z.strictObject({
  accuracy: Share,
  loss: z.number().min(0),
  top3Accuracy: Share.optional(),
  macroF1: Share,
  weightedF1: Share,
});
export type EvaluationSummary = z.output<typeof EvaluationSummary>;

/**
 * Judges probabilities `[count, classes]` against the true classes.
 * @throws MetricsInputError as {@link topKAccuracy} and {@link logLoss} do.
 */
export function summarizeEvaluation(
  labels: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
): EvaluationSummary {
  const loss = logLoss(labels, probabilities, classes);
  const report = classificationReport(confusionMatrix(labels, argmax(probabilities, classes), classes));
  return {
    accuracy: report.accuracy,
    loss,
    ...(classes > 3 && { top3Accuracy: topKAccuracy(labels, probabilities, classes, 3) }),
    macroF1: report.macro.f1,
    weightedF1: report.weighted.f1,
  };
}
