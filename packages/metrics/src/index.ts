export { benjaminiHochberg, bonferroni, holm } from './adjusted-p.ts';
export { agreement, cohenKappa, matthewsCorrelation } from './agreement.ts';
export {
  bootstrapRuns,
  type Bootstrapped,
  type BootstrapOptions,
  type BootstrapResult,
  type PairedBootstrap,
} from './bootstrap.ts';
export { bcaInterval, Jackknife, percentileInterval } from './bootstrap-interval.ts';
export {
  brierScore,
  confidences,
  type Confidences,
  equalMassBins,
  expectedCalibrationError,
  maximumCalibrationError,
  type ReliabilityBin,
  reliabilityBins,
} from './calibration.ts';
export { classificationReport, type ClassificationReport, type ClassScores } from './classification.ts';
export { compareRuns, type CompareRunsInput } from './compare-runs.ts';
export { confusionMatrix, type ConfusionMatrix } from './confusion.ts';
export { LedgerMismatchError, MetricsInputError } from './errors.ts';
export { type CellEvidence, type ClassEvidence, Evidence, type RunEvidence } from './evidence.ts';
export { Interval } from './interval.ts';
export { type PairedLedger, type PairedLedgerInput, pairLedgers } from './ledger.ts';
export { formatMatrix } from './matrix-text.ts';
export { type McNemar, mcnemar, type PairedTable, pairedTable } from './mcnemar.ts';
export { binomialNoise, type NoiseComponents, noiseComponents } from './noise.ts';
export { normalCdf, normalQuantile } from './normal.ts';
export {
  type CellComparison,
  type ClassComparison,
  compareCells,
  compareClasses,
  differenceMatrix,
} from './paired-classes.ts';
export {
  detectableDifference,
  mcnemarPower,
  type PowerOptions,
  samplesNeeded,
  seedsNeeded,
  seedsPower,
} from './power.ts';
export { argmax, logLoss, topKAccuracy, type Probabilities } from './probabilities.ts';
export { sfc32, type RandomBits } from './random.ts';
export {
  type ClassRanking,
  classRanking,
  precisionRecallCurve,
  type PrecisionRecallCurve,
  type RankingAreas,
  rankingAreas,
  rocCurve,
  type RocCurve,
} from './ranking.ts';
export { formatReport } from './report-text.ts';
export { compareSeeds, type SeedComparison, type SeedSummary, summarizeSeeds } from './seeds.ts';
export { answerFlow, type Cell, type Stacks, stacks } from './stacks.ts';
export { noncentralStudentCdf, studentCdf, studentQuantile } from './student.ts';
export { EvaluationSummary, summarizeEvaluation } from './summary.ts';
export { scoreStatistic, tangoInterval } from './tango.ts';
export { applyTemperature, type FittedTemperature, fitTemperature } from './temperature.ts';
export { testBudget, type TestBudget } from './test-budget.ts';
export {
  confidenceText,
  formatP,
  outcomeOf,
  seedVerdict,
  type Verdict,
  verdict,
  type VerdictNames,
} from './verdict.ts';
export { wilsonInterval } from './wilson.ts';
