import { bcaInterval, Jackknife, percentileInterval } from './bootstrap-interval.ts';
import { BINS, groupSamples, type Groups } from './bootstrap-groups.ts';
import { MetricsInputError } from './errors.ts';
import { checkLevel, type Interval } from './interval.ts';
import { pairLedgers, type PairedLedger, type PairedLedgerInput } from './ledger.ts';
import { resampler } from './resample.ts';
import { RunTally } from './run-tally.ts';

/** A score of the whole sample and where it lies. */
export interface Bootstrapped {
  readonly estimate: number;
  readonly percentile: Interval;
  /** Bias-corrected and accelerated; the one to report. */
  readonly bca: Interval;
}

/** One score of both runs and of B minus A on the same resamples. */
export interface PairedBootstrap {
  readonly a: Bootstrapped;
  readonly b: Bootstrapped;
  readonly difference: Bootstrapped;
}

export interface BootstrapResult {
  readonly accuracy: PairedBootstrap;
  readonly macroF1: PairedBootstrap;
  /** Only with probabilities, as is the calibration error (15 bins of equal width). */
  readonly logLoss?: PairedBootstrap;
  readonly calibrationError?: PairedBootstrap;
  /** B minus A per class. */
  readonly precision: readonly Bootstrapped[];
  readonly f1: readonly Bootstrapped[];
}

export interface BootstrapOptions {
  readonly seed?: number;
  /** Number of resamples. */
  readonly bootstraps?: number;
  readonly level?: number;
}

type Score = (tally: RunTally) => number;

/** A score under way: its replicates and its jackknife. */
interface Track {
  readonly score: Score;
  readonly replicates: { a: Float64Array; b: Float64Array; difference: Float64Array };
  readonly jackknife: { a: Jackknife; b: Jackknife; difference: Jackknife };
}

function track(score: Score, bootstraps: number): Track {
  const replicates = () => new Float64Array(bootstraps);
  return {
    score,
    replicates: { a: replicates(), b: replicates(), difference: replicates() },
    jackknife: { a: new Jackknife(), b: new Jackknife(), difference: new Jackknife() },
  };
}

/** Fills both tallies with the samples as weighted. */
function tally(groups: Groups, weights: Uint8Array, a: RunTally, b: RunTally): void {
  const { ends, labels, answersA, answersB, binsA, binsB, values } = groups;
  a.clear();
  b.clear();
  const judged = values.length > 0;
  let i = 0;
  for (let g = 0; g < ends.length; g++) {
    const end = ends[g]!;
    let [count, lossA, lossB, sureA, sureB] = [0, 0, 0, 0, 0];
    if (!judged) for (; i < end; i++) count += weights[i]!;
    for (; i < end; i++) {
      const weight = weights[i]!;
      const at = i << 2;
      count += weight;
      lossA += weight * values[at]!;
      lossB += weight * values[at + 1]!;
      sureA += weight * values[at + 2]!;
      sureB += weight * values[at + 3]!;
    }
    a.add(labels[g]!, answersA[g]!, binsA[g]!, count, lossA, sureA);
    b.add(labels[g]!, answersB[g]!, binsB[g]!, count, lossB, sureB);
  }
}

/** The scores without each sample in turn; samples of a group count once where only counts matter. */
function jackknife(
  groups: Groups,
  tracks: readonly Track[],
  a: RunTally,
  b: RunTally,
  perSample: boolean,
): void {
  const { ends, labels, answersA, answersB, binsA, binsB, values } = groups;
  let i = 0;
  for (let g = 0; g < ends.length; g++) {
    const many = perSample ? 1 : ends[g]! - i;
    for (; i < ends[g]!; i += many) {
      const own = perSample ? values.subarray(i * 4, i * 4 + 4) : [0, 0, 0, 0];
      const move = (sign: number): void => {
        a.add(labels[g]!, answersA[g]!, binsA[g]!, sign, sign * own[0]!, sign * own[2]!);
        b.add(labels[g]!, answersB[g]!, binsB[g]!, sign, sign * own[1]!, sign * own[3]!);
      };
      move(-1);
      for (const { score, jackknife } of tracks) {
        const [left, right] = [score(a), score(b)];
        jackknife.a.add(left, many);
        jackknife.b.add(right, many);
        jackknife.difference.add(right - left, many);
      }
      move(1);
    }
  }
}

function close(values: Float64Array, estimate: number, jack: Jackknife, level: number): Bootstrapped {
  values.sort();
  return {
    estimate,
    percentile: percentileInterval(values, level),
    bca: bcaInterval(values, estimate, jack.acceleration(), level),
  };
}

function closeAll({ replicates, jackknife }: Track, a: number, b: number, level: number): PairedBootstrap {
  return {
    a: close(replicates.a, a, jackknife.a, level),
    b: close(replicates.b, b, jackknife.b, level),
    difference: close(replicates.difference, b - a, jackknife.difference, level),
  };
}

/** @throws MetricsInputError where an option makes no sense. */
function checkOptions(bootstraps: number, level: number): void {
  checkLevel(level);
  if (!Number.isInteger(bootstraps) || bootstraps < 100 || bootstraps > 1_000_000) {
    throw new MetricsInputError(`bootstraps must be a whole number from 100 to 1000000, got ${bootstraps}`);
  }
}

function replicate(
  groups: Groups,
  tracks: readonly Track[],
  a: RunTally,
  b: RunTally,
  rounds: number,
  seed: number,
) {
  const weights = new Uint8Array(groups.ends[groups.ends.length - 1]!);
  const draw = resampler(seed);
  for (let round = 0; round < rounds; round++) {
    draw(weights);
    tally(groups, weights, a, b);
    for (const { score, replicates } of tracks) {
      const [left, right] = [score(a), score(b)];
      replicates.a[round] = left;
      replicates.b[round] = right;
      replicates.difference[round] = right - left;
    }
  }
  tally(groups, weights.fill(1), a, b);
}

/** As {@link bootstrapRuns}, of a ledger already checked. */
export function bootstrapLedger(ledger: PairedLedger, options: BootstrapOptions = {}): BootstrapResult {
  const { seed = 1, bootstraps = 2000, level = 0.95 } = options;
  checkOptions(bootstraps, level);
  const groups = groupSamples(ledger);
  const [a, b] = [new RunTally(ledger.classes, BINS), new RunTally(ledger.classes, BINS)];
  const classes = Array.from({ length: ledger.classes }, (_, c) => c);
  const counted = {
    accuracy: track((run) => run.accuracy(), bootstraps),
    macroF1: track((run) => run.macroF1(), bootstraps),
  };
  const precision = classes.map((c) => track((run) => run.precision(c), bootstraps));
  const f1 = classes.map((c) => track((run) => run.f1(c), bootstraps));
  const judged = groups.values.length > 0 && {
    logLoss: track((run) => run.logLoss(), bootstraps),
    calibrationError: track((run) => run.calibrationError(), bootstraps),
  };
  const ofCounts = [...Object.values(counted), ...precision, ...f1];
  const ofValues = judged ? Object.values(judged) : [];
  replicate(groups, [...ofCounts, ...ofValues], a, b, bootstraps, seed);
  jackknife(groups, ofCounts, a, b, false);
  if (judged) jackknife(groups, ofValues, a, b, true);
  const finish = (each: Track): PairedBootstrap => closeAll(each, each.score(a), each.score(b), level);
  return {
    accuracy: finish(counted.accuracy),
    macroF1: finish(counted.macroF1),
    ...(judged && { logLoss: finish(judged.logLoss), calibrationError: finish(judged.calibrationError) }),
    precision: precision.map((each) => finish(each).difference),
    f1: f1.map((each) => finish(each).difference),
  };
}

/**
 * Bootstrap intervals of accuracy, macro F1, log loss, calibration error and per-class precision and F1, of A, of B and of B
 * minus A. Every replicate draws whole samples (label, both answers, both rows of probabilities) with replacement, so
 * all scores of a replicate belong together and differences are paired; nothing is approximated. The same seed gives
 * the same numbers everywhere.
 * @throws LedgerMismatchError, MetricsInputError as {@link pairLedgers}; for options that make no sense.
 */
export function bootstrapRuns(input: PairedLedgerInput, options: BootstrapOptions = {}): BootstrapResult {
  return bootstrapLedger(pairLedgers(input), options);
}
