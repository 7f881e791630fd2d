import { fairCoinProbability, fairCoinTail } from './binomial.ts';
import { MetricsInputError } from './errors.ts';

/** How two classifiers did on the same samples, in samples. */
export interface PairedTable {
  readonly bothRight: number;
  /** Right in A, wrong in B: what B broke. */
  readonly onlyA: number;
  /** Wrong in A, right in B: what B fixed. */
  readonly onlyB: number;
  readonly bothWrong: number;
}

/** Two-sided p-values in (0, 1] of "A and B are equally often right". */
export interface McNemar {
  /** Samples that only one of the two has right; nothing else counts for the test. */
  readonly discordant: number;
  /** Conditional exact test: keeps its false-positive rate below alpha, often far below. */
  readonly exact: number;
  /** The same with half the probability of the table seen: close to alpha, rarely above. The one to report. */
  readonly midP: number;
}

function checkLengths(labels: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (labels.length !== a.length || labels.length !== b.length) {
    throw new MetricsInputError(
      `${labels.length} labels but ${a.length} predictions of A and ${b.length} of B: paired methods need the same samples`,
    );
  }
}

/** Counts who is right where. @throws MetricsInputError for different lengths. */
export function pairedTable(
  labels: ArrayLike<number>,
  predictedA: ArrayLike<number>,
  predictedB: ArrayLike<number>,
): PairedTable {
  checkLengths(labels, predictedA, predictedB);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const place = (predictedA[i] === labels[i] ? 0 : 2) + (predictedB[i] === labels[i] ? 0 : 1);
    counts[place]! += 1;
  }
  return { bothRight: counts[0]!, onlyA: counts[1]!, onlyB: counts[2]!, bothWrong: counts[3]! };
}

/** @throws MetricsInputError where `value` is no whole number of samples. */
export function checkCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new MetricsInputError(`${what} must be a whole number of at least 0, got ${value}`);
  }
}

/**
 * McNemar's test (1947) in its exact and mid-p forms: under "no difference" the discordant samples fall like a fair
 * coin. exact = min(1, 2 P(X <= min)); mid-p = 2 P(X <= min) - P(X = min), as in Fagerland, Lydersen and Laake,
 * "The McNemar test for binary matched-pairs data", BMC Medical Research Methodology 13:91 (2013). No discordant
 * samples at all: both are 1.
 */
export function mcnemar({ onlyA, onlyB }: Pick<PairedTable, 'onlyA' | 'onlyB'>): McNemar {
  checkCount(onlyA, 'onlyA');
  checkCount(onlyB, 'onlyB');
  const discordant = onlyA + onlyB;
  if (discordant === 0) return { discordant, exact: 1, midP: 1 };
  const fewer = Math.min(onlyA, onlyB);
  const point = fairCoinProbability(fewer, discordant);
  if (onlyA === onlyB) return { discordant, exact: 1, midP: 1 - point / 2 };
  const twoTails = 2 * fairCoinTail(fewer, discordant);
  return { discordant, exact: Math.min(1, twoTails), midP: twoTails - point };
}
