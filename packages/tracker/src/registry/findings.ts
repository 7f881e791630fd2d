import type { Facts } from './facts.ts';
import type { JudgedSamples } from './ledgers.ts';
import { Tally } from './tally.ts';

/** How the numbers are to be computed. */
export interface FindingsSettings {
  /** Of every interval, in (0.5, 1). */
  readonly level: number;
  readonly bootstraps: number;
  /** Of the resampling. */
  readonly seed: number;
  /** How often the test split has been used; the bar for calling a difference shown is (1 - level) divided by it. */
  readonly uses: number;
}

export interface Findings {
  readonly facts: Facts;
  readonly sentences: readonly string[];
}

/** Uniform whole numbers below `limit`, from a 32-bit seed (mulberry32): the same seed, the same numbers. */
function drawer(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

interface Replicates {
  readonly candidate: Float64Array[];
  readonly incumbent: Float64Array[];
}

/** Draws the same samples for both runs: what they share cancels in the differences. */
function replicate(
  a: Tally,
  b: Tally | undefined,
  count: number,
  { bootstraps, seed }: FindingsSettings,
): Replicates {
  const draw = drawer(seed);
  const found: Replicates = { candidate: [], incumbent: [] };
  for (let round = 0; round < bootstraps; round++) {
    a.reset();
    b?.reset();
    for (let drawn = 0; drawn < count; drawn++) {
      const i = draw(count);
      a.add(i);
      b?.add(i);
    }
    found.candidate.push(a.statistics());
    if (b !== undefined) found.incumbent.push(b.statistics());
  }
  return found;
}

function statisticsOf(tally: Tally, count: number): Float64Array {
  tally.reset();
  for (let i = 0; i < count; i++) tally.add(i);
  return tally.statistics();
}

/** Percentile bootstrap interval; replicates without the statistic (NaN) are left out. */
function interval(
  value: number,
  replicates: readonly number[],
  level: number,
): { value: number; low: number; high: number } {
  const sorted = Float64Array.from(replicates.filter((of) => !Number.isNaN(of))).sort();
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below] ?? Number.NaN;
    return low + (position - below) * ((sorted[below + 1] ?? low) - low);
  };
  return { value, low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

/**
 * Exact conditional McNemar test, mid-p (Fagerland, Lydersen, Laake 2013): two-sided, from the samples that only one of
 * the two gets right.
 */
export function midPMcNemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  const few = Math.min(onlyA, onlyB);
  if (n === 0) return 1;
  let logChoose = 0;
  let tail = 0;
  for (let k = 0; k <= few; k++) {
    if (k > 0) logChoose += Math.log((n - k + 1) / k);
    const mass = Math.exp(logChoose - n * Math.LN2);
    tail += k === few ? mass / 2 : mass;
  }
  return Math.min(1, 2 * tail);
}

function discordance(candidate: JudgedSamples, incumbent: JudgedSamples, label?: number): number {
  let onlyCandidate = 0;
  let onlyIncumbent = 0;
  candidate.labels.forEach((of, i) => {
    if (label !== undefined && of !== label) return;
    const [a, b] = [candidate.predicted[i] === of, incumbent.predicted[i] === of];
    if (a && !b) onlyCandidate++;
    if (b && !a) onlyIncumbent++;
  });
  return midPMcNemar(onlyCandidate, onlyIncumbent);
}

/** Judges a candidate from its ledger and, where there is one to compare with, against another on the same samples. */
export function findingsOf(
  candidate: JudgedSamples,
  incumbent: JudgedSamples | undefined,
  settings: FindingsSettings,
): Findings {
  const count = candidate.labels.length;
  const classes = candidate.classNames.length;
  const a = new Tally(candidate);
  const b = incumbent && new Tally(incumbent);
  const value = statisticsOf(a, count);
  const other = b && statisticsOf(b, count);
  const drawn = replicate(a, b, count, settings);
  const own = (at: number) =>
    interval(
      value[at]!,
      drawn.candidate.map((of) => of[at]!),
      settings.level,
    );
  const delta = (at: number) =>
    interval(
      value[at]! - other![at]!,
      drawn.candidate.map((of, k) => of[at]! - drawn.incumbent[k]![at]!),
      settings.level,
    );
  const perClass = candidate.classNames.map((name, k) => [
    name,
    {
      recall: own(5 + k),
      precision: own(5 + classes + k),
      ...(incumbent && { delta: { recall: { ...delta(5 + k), p: discordance(candidate, incumbent, k) } } }),
    },
  ]);
  const deltas = incumbent && {
    accuracy: { ...delta(0), p: discordance(candidate, incumbent) },
    macroF1: delta(1),
    logLoss: delta(2),
  };
  const facts: Facts = {
    samples: count,
    accuracy: own(0),
    macroF1: own(1),
    logLoss: own(2),
    ece: own(3),
    brier: own(4),
    class: Object.fromEntries(perClass) as Facts,
    ...(deltas && { delta: deltas }),
  };
  return { facts, sentences: [] };
}
