import { z } from 'zod';
import { Interval } from './interval.ts';

const Count = z.number().int().min(0);
const Share = z.number().min(0).max(1);
const Difference = z.number().min(-1).max(1);
const Class = Count;

const Table = z.strictObject({ bothRight: Count, onlyA: Count, onlyB: Count, bothWrong: Count });

const Bootstrapped = z.strictObject({ estimate: z.number(), percentile: Interval, bca: Interval });
const PairedBootstrap = z.strictObject({ a: Bootstrapped, b: Bootstrapped, difference: Bootstrapped });

/** Areas are null where every sample or none is of the class. */
const Areas = z.strictObject({ rocArea: Share.nullable(), averagePrecision: Share.nullable() });

const Differing = z.strictObject({ difference: Difference, interval: Interval });

/** Of a class without samples nothing is known: recall and F1 are null, and no p-value is below 1. */
const ClassEvidence = z.strictObject({
  class: Class,
  name: z.string(),
  support: Count,
  table: Table,
  recallA: Share.nullable(),
  recallB: Share.nullable(),
  /** B minus A: recall with Tango's interval, precision and F1 with BCa bootstrap intervals. */
  recall: Differing.nullable(),
  /** Null where neither run called any sample so, and there is none. */
  precision: Differing.nullable(),
  f1: Differing.nullable(),
  /** Mid-p McNemar on the samples of the class, and adjusted over the classes. */
  p: Share,
  adjustedP: Share,
});

const CellEvidence = z.strictObject({
  label: Class,
  predicted: Class,
  countA: Count,
  countB: Count,
  onlyA: Count,
  onlyB: Count,
  p: Share,
  adjustedP: Share,
});

const Bin = z.strictObject({
  low: Share,
  high: Share,
  count: Count,
  /** Mean confidence and accuracy; null in an empty bin. */
  confidence: Share.nullable(),
  accuracy: Share.nullable(),
  interval: Interval,
});

/** Of one run, from its probabilities. */
const Calibration = z.strictObject({
  expectedError: Share,
  adaptiveError: Share,
  maximumError: Share,
  brier: z.number().min(0).max(2),
  bins: z.array(Bin),
});

const Ranking = z.strictObject({ perClass: z.array(Areas), macro: Areas, micro: Areas });

const RunEvidence = z.strictObject({
  hits: Count,
  accuracy: Share,
  /** Wilson's. */
  interval: Interval,
  macroF1: Share,
  /** Against the labels; null where labels and predictions leave no room for chance. */
  kappa: z.number().min(-1).max(1).nullable(),
  matthews: z.number().min(-1).max(1),
  calibration: Calibration.nullable(),
  ranking: Ranking.nullable(),
});

const Budget = z.strictObject({
  decisions: Count.min(1),
  alpha: Share,
  correctedAlpha: Share,
  sidakAlpha: Share,
  spendingAlpha: Share,
  falseAlarm: Share,
  optimism: Share,
  adaptiveOptimism: Share,
});

const AccuracyDifference = z.strictObject({
  estimate: Difference,
  /** Tango's score interval at `level`. */
  interval: Interval,
  /** The same at the level that the test budget calls for. */
  correctedInterval: Interval,
  exactP: Share,
  midP: Share,
  /** Samples that would show a difference of the size seen in 80 % of cases; null where none was seen. */
  samplesNeeded: Count.nullable(),
  /** The least difference shown in 80 % of cases; null where too few samples are discordant to show any. */
  detectable: Share.nullable(),
});

const BootstrapEvidence = z.strictObject({
  bootstraps: Count,
  seed: Count,
  accuracy: PairedBootstrap,
  macroF1: PairedBootstrap,
  /** Null without probabilities, as calibrationError. */
  logLoss: PairedBootstrap.nullable(),
  calibrationError: PairedBootstrap.nullable(),
});

/**
 * Everything that two prediction ledgers on the same samples say about A against B. Differences are B minus A. Plain
 * JSON: it is stored, and read back through this schema.
 */
export const Evidence = z.strictObject({
  version: z.literal(1),
  samples: Count.min(1),
  classNames: z.array(z.string()).min(1),
  level: z.number().gt(0).lt(1),
  a: RunEvidence,
  b: RunEvidence,
  table: Table,
  accuracy: AccuracyDifference,
  /** Cohen's kappa of the two runs' answers: how alike they are. Null where both always gave one and the same. */
  agreement: z.number().min(-1).max(1).nullable(),
  classes: z.array(ClassEvidence),
  /** Cells off the diagonal that A or B used. */
  cells: z.array(CellEvidence),
  /** Counts of B minus counts of A, `[classes * classes]`, row = true class. */
  differenceMatrix: z.array(z.number().int()),
  bootstrap: BootstrapEvidence,
  budget: Budget,
});
export type Evidence = z.output<typeof Evidence>;
export type RunEvidence = z.output<typeof RunEvidence>;
export type ClassEvidence = z.output<typeof ClassEvidence>;
export type CellEvidence = z.output<typeof CellEvidence>;
