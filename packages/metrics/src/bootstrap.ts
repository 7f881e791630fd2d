import { bcaInterval, Jackknife, percentileInterval } from './bootstrap-interval.ts';
import { BINS, groupSamples, type Groups } from './bootstrap-groups.ts';
import { MetricsInputError } from './errors.ts';
import { checkLevel, type Interval } from './interval.ts';
import { pairLedgers, type PairedLedger, type PairedLedgerInput } from './ledger.ts';
import { resampler } from './resample.ts';
import { RunTally } from './run-tally.ts';
import { tallier, type Pair } from './bootstrap-tally.ts';

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

/**
 * Takes one sample of group `g` out of both tallies (sign -1), or puts it back (1); `at` is where its values begin. Without
 * values (beyond the end) only counts and the right answers in the bins move.
 */
function moveSample(groups: Groups, g: number, at: number, { a, b }: Pair, sign: number): void {
  const { labels, answersA, answersB, binsA, binsB, values } = groups;
  const [lossA, lossB, sureA, sureB] = [
    values[at] ?? 0,
    values[at + 1] ?? 0,
    values[at + 2] ?? 0,
    values[at + 3] ?? 0,
  ];
  a.addSample(labels[g]!, answersA[g]!, binsA[g]!, sign, lossA, sureA);
  b.addSample(labels[g]!, answersB[g]!, binsB[g]!, sign, lossB, sureB);
}

function addWithout(tracks: readonly Track[], { a, b }: Pair, count: number): void {
  for (const { score, jackknife } of tracks) {
    const left = score(a);
    const right = score(b);
    jackknife.a.add(left, count);
    jackknife.b.add(right, count);
    jackknife.difference.add(right - left, count);
  }
}

/** The scores without each sample in turn; samples of a group count once where only counts matter. */
function jackknife(groups: Groups, tracks: readonly Track[], pair: Pair, perSample: boolean): void {
  const { ends, values } = groups;
  let i = 0;
  for (let g = 0; g < ends.length; g++) {
    const many = perSample ? 1 : ends[g]! - i;
    for (; i < ends[g]!; i += many) {
      const at = perSample ? i * 4 : values.length;
      moveSample(groups, g, at, pair, -1);
      addWithout(tracks, pair, many);
      moveSample(groups, g, at, pair, 1);
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

function record(tracks: readonly Track[], round: number, { a, b }: Pair): void {
  for (const { score, replicates } of tracks) {
    const [left, right] = [score(a), score(b)];
    replicates.a[round] = left;
    replicates.b[round] = right;
    replicates.difference[round] = right - left;
  }
}

/** Runs all replicates, then leaves the tallies of the samples as they are in `one`. */
function replicate(
  groups: Groups,
  tracks: readonly Track[],
  one: Pair,
  two: Pair,
  rounds: number,
  seed: number,
) {
  const count = groups.ends[groups.ends.length - 1]!;
  const [first, second] = [new Uint8Array(count), new Uint8Array(count)];
  const draw = resampler(seed);
  const tally = tallier(groups);
  for (let round = 0; round < rounds; round += 2) {
    draw(first, second);
    tally([first, second], one, two);
    record(tracks, round, one);
    if (round + 1 < rounds) record(tracks, round + 1, two);
  }
  tally([first.fill(1), second], one, two);
}

/** As {@link bootstrapRuns}, of a ledger already checked. */
export function bootstrapLedger(ledger: PairedLedger, options: BootstrapOptions = {}): BootstrapResult {
  const { seed = 1, bootstraps = 2000, level = 0.95 } = options;
  checkOptions(bootstraps, level);
  const groups = groupSamples(ledger);
  const judged = [...new Set(ledger.labels)].sort((left, right) => left - right);
  const run = () => new RunTally(ledger.classes, BINS, judged);
  const pair = (): Pair => ({ a: run(), b: run() });
  const whole = pair();
  const { a, b } = whole;
  const classes = Array.from({ length: ledger.classes }, (_, c) => c);
  const counted = {
    accuracy: track((run) => run.accuracy(), bootstraps),
    macroF1: track((run) => run.macroF1(), bootstraps),
  };
  const precision = classes.map((c) => track((run) => run.precision(c), bootstraps));
  const f1 = classes.map((c) => track((run) => run.f1(c), bootstraps));
  const probable = groups.values.length > 0 && {
    logLoss: track((run) => run.logLoss(), bootstraps),
    calibrationError: track((run) => run.calibrationError(), bootstraps),
  };
  const ofCounts = [...Object.values(counted), ...precision, ...f1];
  const ofValues = probable ? Object.values(probable) : [];
  replicate(groups, [...ofCounts, ...ofValues], whole, pair(), bootstraps, seed);
  jackknife(groups, ofCounts, whole, false);
  if (probable) jackknife(groups, ofValues, whole, true);
  const finish = (each: Track): PairedBootstrap => closeAll(each, each.score(a), each.score(b), level);
  const finishDifference = ({ score, replicates, jackknife }: Track): Bootstrapped =>
    close(replicates.difference, score(b) - score(a), jackknife.difference, level);
  return {
    accuracy: finish(counted.accuracy),
    macroF1: finish(counted.macroF1),
    ...(probable && {
      logLoss: finish(probable.logLoss),
      calibrationError: finish(probable.calibrationError),
    }),
    precision: precision.map(finishDifference),
    f1: f1.map(finishDifference),
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
