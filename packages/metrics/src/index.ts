export { classificationReport, type ClassificationReport, type ClassScores } from './classification.ts';
export { confusionMatrix, type ConfusionMatrix } from './confusion.ts';
export { MetricsInputError } from './errors.ts';
export { formatMatrix } from './matrix-text.ts';
export { argmax, logLoss, topKAccuracy, type Probabilities } from './probabilities.ts';
export { formatReport } from './report-text.ts';
export { EvaluationSummary, summarizeEvaluation } from './summary.ts';
