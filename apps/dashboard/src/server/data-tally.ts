import type { Predictions } from '@atelier/tracker';
import type { Suspect } from '../api/data.ts';

/** What many runs said of the samples of one split, added up. */
export interface Tally {
  readonly labels: Uint8Array;
  readonly classes: number;
  /** Runs looked at, with or without a ledger. */
  readonly seen: Set<number>;
  /** Ledgers added. */
  runs: number;
  /** Runs that were wrong, per sample. */
  readonly wrong: Uint32Array;
  /** Sums over the runs, `[count, classes]`. */
  readonly probabilities: Float64Array;
}

export function emptyTally(labels: Uint8Array, classes: number): Tally {
  const wrong = new Uint32Array(labels.length);
  const probabilities = new Float64Array(labels.length * classes);
  return { labels, classes, seen: new Set(), runs: 0, wrong, probabilities };
}

/** A ledger with a probability that is no number is left out: one NaN would spoil every mean. */
export function addLedger(
  tally: Tally,
  { predicted, probabilities, classes }: Pick<Predictions, 'predicted' | 'probabilities' | 'classes'>,
): void {
  const { labels } = tally;
  if (classes !== tally.classes || predicted.length !== labels.length) return;
  if (probabilities.some((value) => !Number.isFinite(value))) return;
  tally.runs++;
  predicted.forEach((answer, index) => {
    if (answer !== labels[index]) tally.wrong[index]!++;
  });
  probabilities.forEach((value, at) => (tally.probabilities[at]! += value));
}

const meanOf = ({ probabilities, classes, runs }: Tally, index: number, k: number): number =>
  probabilities[index * classes + k]! / Math.max(1, runs);

/** The class other than the label that has the highest mean probability. */
function rival(tally: Tally, index: number, fits: (k: number) => boolean = () => true): number | undefined {
  let best: number | undefined;
  for (let k = 0; k < tally.classes; k++) {
    if (k === tally.labels[index] || !fits(k)) continue;
    if (best === undefined || meanOf(tally, index, k) > meanOf(tally, index, best)) best = k;
  }
  return best;
}

export function suspect(tally: Tally, index: number, answer = rival(tally, index) ?? 0): Suspect {
  const label = tally.labels[index]!;
  return {
    index,
    label,
    answer,
    missed: tally.wrong[index]!,
    answerProbability: meanOf(tally, index, answer),
    labelProbability: meanOf(tally, index, label),
  };
}

/**
 * Likely label errors by confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating
 * Uncertainty in Dataset Labels", JAIR 70): the threshold of class k is the mean probability of k over the samples
 * labelled k; a sample is confidently of the most probable class whose threshold it reaches, and where that is not its
 * label, it is off the diagonal of the confident joint. Probabilities are means over runs that did not train on the
 * samples. Ranked by the normalized margin, the furthest from its label first.
 * @returns thresholds of NaN for classes without samples.
 */
export function confidentDisagreements(tally: Tally): { found: Suspect[]; thresholds: number[] } {
  const { labels, classes, runs } = tally;
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  labels.forEach((label, index) => {
    sums[label]! += meanOf(tally, index, label);
    counts[label]!++;
  });
  const thresholds = [...sums].map((sum, k) => (runs === 0 ? Number.NaN : sum / counts[k]!));
  const found: Suspect[] = [];
  if (runs === 0) return { found, thresholds };
  labels.forEach((label, index) => {
    const answer = rival(tally, index, (k) => meanOf(tally, index, k) >= thresholds[k]!);
    if (answer === undefined) return;
    const own = meanOf(tally, index, label);
    const confidentOfLabel = own >= thresholds[label]! && own >= meanOf(tally, index, answer);
    if (!confidentOfLabel) found.push(suspect(tally, index, answer));
  });
  const margin = (of: Suspect): number => of.labelProbability - of.answerProbability;
  found.sort((a, b) => margin(a) - margin(b) || a.index - b.index);
  return { found, thresholds };
}
