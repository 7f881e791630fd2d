import { widthBin } from './calibration.ts';
import type { PairedLedger } from './ledger.ts';
import { EPSILON, type Probabilities } from './probabilities.ts';

/**
 * Samples sorted into groups that agree on everything but their losses and confidences: label, both answers, both
 * confidence bins. What a replicate needs of a group are a few sums.
 */
export interface Groups {
  /** Where each group ends in the sample arrays; group g starts at the end of g - 1. */
  readonly ends: Uint32Array;
  /** 1 where the next group is of another label or answer. */
  readonly lastOfCell: Uint8Array;
  readonly labels: Uint16Array;
  readonly answersA: Uint16Array;
  readonly answersB: Uint16Array;
  readonly binsA: Uint8Array;
  readonly binsB: Uint8Array;
  /** 1 where the answer is the label, else 0. */
  readonly rightA: Uint8Array;
  readonly rightB: Uint8Array;
  /** Four values a sample, `[count, 4]`: loss of A and B, confidence of A and B. Empty without probabilities. */
  readonly values: Float64Array;
}

export const BINS = 15;

interface Judged {
  readonly loss: Float64Array;
  readonly confidence: Float64Array;
  readonly bins: Uint8Array;
}

function judge(
  labels: Uint16Array,
  answers: Uint16Array,
  probabilities: Probabilities | undefined,
  classes: number,
): Judged {
  const count = probabilities ? labels.length : 0;
  const loss = new Float64Array(count);
  const confidence = new Float64Array(count);
  const bins = new Uint8Array(labels.length);
  if (!probabilities) return { loss, confidence, bins };
  const epsilon = probabilities instanceof Float32Array ? EPSILON.single : EPSILON.double;
  for (let i = 0; i < count; i++) {
    const own = probabilities[i * classes + labels[i]!]!;
    loss[i] = -Math.log(Math.min(Math.max(own, epsilon), 1 - epsilon));
    confidence[i] = probabilities[i * classes + answers[i]!]!;
    bins[i] = widthBin(confidence[i]!, BINS);
  }
  return { loss, confidence, bins };
}

/** Positions sorted by key, those of equal keys in their order. Both fit a double: key * count < 2^53. */
function orderBy(keys: Float64Array): { order: Uint32Array; sorted: Float64Array } {
  const count = keys.length;
  const packed = keys.map((key, i) => key * count + i).sort();
  const order = Uint32Array.from(packed, (value) => value % count);
  return { order, sorted: packed.map((value) => Math.floor(value / count)) };
}

/** Sorts a ledger into groups. */
export function groupSamples(ledger: PairedLedger): Groups {
  const { classes, labels, predictedA, predictedB } = ledger;
  const a = judge(labels, predictedA, ledger.probabilitiesA, classes);
  const b = judge(labels, predictedB, ledger.probabilitiesB, classes);
  const keys = Float64Array.from(labels, (label, i) => {
    const cell = (label * classes + predictedA[i]!) * classes + predictedB[i]!;
    return (cell * BINS + a.bins[i]!) * BINS + b.bins[i]!;
  });
  const { order, sorted } = orderBy(keys);
  const ends: number[] = [];
  for (let i = 1; i <= sorted.length; i++) if (sorted[i] !== sorted[i - 1]) ends.push(i);
  const first = ends.map((end) => order[end - 1]!);
  const cells = first.map((i) => (labels[i]! * classes + predictedA[i]!) * classes + predictedB[i]!);
  const values = new Float64Array(a.loss.length * 4);
  if (values.length > 0) {
    order.forEach((i, place) =>
      values.set([a.loss[i]!, b.loss[i]!, a.confidence[i]!, b.confidence[i]!], place * 4),
    );
  }
  return {
    ends: Uint32Array.from(ends),
    lastOfCell: Uint8Array.from(cells, (cell, g) => (cell === cells[g + 1] ? 0 : 1)),
    labels: Uint16Array.from(first, (i) => labels[i]!),
    answersA: Uint16Array.from(first, (i) => predictedA[i]!),
    answersB: Uint16Array.from(first, (i) => predictedB[i]!),
    binsA: Uint8Array.from(first, (i) => a.bins[i]!),
    binsB: Uint8Array.from(first, (i) => b.bins[i]!),
    rightA: Uint8Array.from(first, (i) => Number(labels[i] === predictedA[i])),
    rightB: Uint8Array.from(first, (i) => Number(labels[i] === predictedB[i])),
    values,
  };
}
