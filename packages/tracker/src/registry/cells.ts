import { midPMcNemar } from './findings.ts';
import type { JudgedSamples } from './ledgers.ts';

/** How many samples both, one or neither of two runs got right. */
export interface PairTable {
  readonly bothRight: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly bothWrong: number;
}

export function pairTable(a: JudgedSamples, b: JudgedSamples): PairTable {
  const counts = [0, 0, 0, 0];
  a.labels.forEach((label, i) => {
    counts[2 * Number(a.predicted[i] === label) + Number(b.predicted[i] === label)]! += 1;
  });
  return { bothWrong: counts[0]!, onlyB: counts[1]!, onlyA: counts[2]!, bothRight: counts[3]! };
}

/** One cell of the confusion matrix in which the two runs differ. */
export interface CellDifference {
  readonly actual: string;
  readonly predicted: string;
  readonly a: number;
  readonly b: number;
  /** Samples that only A, or only B, puts into the cell. */
  readonly onlyA: number;
  readonly onlyB: number;
  /** Mid-p McNemar. */
  readonly p: number;
  /** Benjamini-Hochberg over all cells that either run uses. */
  readonly adjustedP: number;
}

/** Benjamini and Hochberg 1995: adjusted p-values, in the order of the ps. */
export function adjustPs(ps: readonly number[]): number[] {
  const order = ps.map((_, at) => at).sort((x, y) => ps[y]! - ps[x]!);
  const adjusted = new Array<number>(ps.length);
  let least = 1;
  order.forEach((at, rank) => {
    least = Math.min(least, (ps[at]! * ps.length) / (ps.length - rank));
    adjusted[at] = least;
  });
  return adjusted;
}

/** Cells that the two runs fill differently, the least probable by chance first. */
export function cellDifferences(a: JudgedSamples, b: JudgedSamples): CellDifference[] {
  const classes = a.classNames.length;
  const counts = {
    both: new Uint32Array(classes ** 2),
    onlyA: new Uint32Array(classes ** 2),
    onlyB: new Uint32Array(classes ** 2),
  };
  a.labels.forEach((label, i) => {
    const [inA, inB] = [label * classes + a.predicted[i]!, label * classes + b.predicted[i]!];
    if (inA === inB) counts.both[inA]! += 1;
    else {
      counts.onlyA[inA]! += 1;
      counts.onlyB[inB]! += 1;
    }
  });
  const used = [...counts.both.keys()].filter(
    (k) => counts.both[k]! + counts.onlyA[k]! + counts.onlyB[k]! > 0,
  );
  const ps = used.map((k) => midPMcNemar(counts.onlyA[k]!, counts.onlyB[k]!));
  const adjusted = adjustPs(ps);
  return used
    .map((k, at) => ({
      actual: a.classNames[Math.floor(k / classes)]!,
      predicted: a.classNames[k % classes]!,
      a: counts.both[k]! + counts.onlyA[k]!,
      b: counts.both[k]! + counts.onlyB[k]!,
      onlyA: counts.onlyA[k]!,
      onlyB: counts.onlyB[k]!,
      p: ps[at]!,
      adjustedP: adjusted[at]!,
    }))
    .filter(({ onlyA, onlyB }) => onlyA + onlyB > 0)
    .sort((x, y) => x.p - y.p);
}
