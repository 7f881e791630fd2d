import { mcnemar, normalCdf, normalQuantile } from '@atelier/metrics';
import type { Spending } from './spec.ts';

/**
 * Alpha spent by the share `t` of the looks. Lan and DeMets, "Discrete sequential boundaries for clinical trials",
 * Biometrika 70:659 (1983): obrien-fleming 2 - 2 Phi(z / sqrt t) spends late, pocock alpha ln(1 + (e - 1) t) about
 * evenly, linear alpha t evenly.
 * @param t in [0, 1].
 */
export function spentAlpha(t: number, alpha: number, spending: Spending): number {
  if (t <= 0) return 0;
  if (spending === 'linear') return alpha * t;
  if (spending === 'pocock') return alpha * Math.log1p((Math.E - 1) * t);
  return 2 * normalCdf(normalQuantile(alpha / 2) / Math.sqrt(t));
}

export interface RaceSettings {
  readonly alpha: number;
  /** Looks planned in all. */
  readonly looks: number;
  readonly spending: Spending;
}

export interface RaceLook extends RaceSettings {
  /** Which samples the best so far has right, and the candidate: 1 for right, the same samples in the same order. */
  readonly best: Uint8Array;
  readonly candidate: Uint8Array;
  /** Which look it is, from 1. */
  readonly look: number;
  /** Candidates among which `best` was found to be the best on these samples, itself included. */
  readonly rivals: number;
}

/** What one look says. Counts are samples, p-values and levels one-sided. */
export interface RaceResult {
  readonly drop: boolean;
  /** Mid-p of "the candidate is as often right as the best" against "less often". */
  readonly p: number;
  /** What p had to stay at or under. */
  readonly level: number;
  readonly onlyBest: number;
  readonly onlyCandidate: number;
}

/** Two trials whose answers are not of the same samples: nothing paired can be said of them. */
export class RaceMismatchError extends Error {
  readonly code = 'RACE_MISMATCH';
  readonly usage = true;

  constructor(best: number, candidate: number) {
    super(
      `a race needs answers to the same validation samples: the best so far has ${best}, the candidate ${candidate}`,
    );
    this.name = 'RaceMismatchError';
  }
}

/** One-sided level of a look: what the spending function gives it, shared among the rivals. 0 beyond the last look. */
export function lookLevel({
  look,
  looks,
  alpha,
  spending,
  rivals,
}: Omit<RaceLook, 'best' | 'candidate'>): number {
  if (look > looks) return 0;
  const spent = (done: number): number => spentAlpha(done / looks, alpha, spending);
  return (spent(look) - spent(look - 1)) / Math.max(1, rivals);
}

/**
 * One look of a candidate at the best so far: McNemar's mid-p on the samples that only one of the two has right.
 *
 * The promise: a candidate whose true accuracy is no lower than the best one's is dropped, over all its looks, with
 * probability of at most `alpha`. By the union bound over looks (each has only its own part of alpha, whatever the
 * dependence between epochs) and over rivals (the best of many was picked on these samples and is flattered by them).
 * @throws RaceMismatchError for answers of different lengths.
 */
export function race(look: RaceLook): RaceResult {
  const { best, candidate } = look;
  if (best.length !== candidate.length) throw new RaceMismatchError(best.length, candidate.length);
  let [onlyBest, onlyCandidate] = [0, 0];
  for (let i = 0; i < best.length; i++) {
    const difference = best[i]! - candidate[i]!;
    if (difference > 0) onlyBest += 1;
    else if (difference < 0) onlyCandidate += 1;
  }
  const { midP } = mcnemar({ onlyA: onlyBest, onlyB: onlyCandidate });
  const p = onlyBest > onlyCandidate ? midP / 2 : 1 - midP / 2;
  const level = lookLevel(look);
  return { drop: p <= level && onlyBest > onlyCandidate, p, level, onlyBest, onlyCandidate };
}
