import { checkClass } from './confusion.ts';
import { MetricsInputError } from './errors.ts';
import type { Interval } from './interval.ts';
import { argmax, checkedRowCount, type Probabilities } from './probabilities.ts';
import { wilsonInterval } from './wilson.ts';

/** How sure a classifier was of the answers it gave, and whether they were right; one entry per sample. */
export interface Confidences {
  /** Probability given to the predicted class. */
  readonly confidence: Float64Array;
  /** 1 where the prediction is right. */
  readonly correct: Uint8Array;
}

/** Samples of like confidence. */
export interface ReliabilityBin {
  /** Confidence (low, high] of the bin; of an equal-mass bin, its lowest and highest. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence. NaN in an empty bin. */
  readonly confidence: number;
  /** Share that is right, and Wilson's interval of it. NaN in an empty bin. */
  readonly accuracy: number;
  readonly interval: Interval;
}

function checkBins(bins: number): void {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new MetricsInputError(`the number of bins must be a whole number of at least 1, got ${bins}`);
  }
}

/**
 * Confidence and correctness of each answer. @param predicted by default {@link argmax}.
 * @throws MetricsInputError for wrong lengths, labels that are no class, probabilities outside [0, 1].
 */
export function confidences(
  labels: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
  predicted: ArrayLike<number> = argmax(probabilities, classes),
): Confidences {
  const count = checkedRowCount(labels, probabilities, classes);
  const confidence = new Float64Array(count);
  const correct = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const answer = checkClass(predicted[i], classes, 'prediction', i);
    confidence[i] = probabilities[i * classes + answer]!;
    correct[i] = answer === checkClass(labels[i], classes, 'label', i) ? 1 : 0;
  }
  return { confidence, correct };
}

/** The equal-width bin, of `bins`, that a confidence falls in: (0, 1/bins], (1/bins, 2/bins], ... and 0 in the first. */
export function widthBin(confidence: number, bins: number): number {
  // edges as numpy's linspace rounds them: i * (1 / bins)
  const step = 1 / bins;
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
  if (bin > 0 && confidence <= bin * step) bin--;
  else if (bin < bins - 1 && confidence > (bin + 1) * step) bin++;
  return bin;
}

interface Sums {
  readonly confidence: number;
  readonly hits: number;
  readonly count: number;
}

function toBin({ confidence, hits, count }: Sums, low: number, high: number, level: number): ReliabilityBin {
  return {
    low,
    high,
    count,
    confidence: confidence / count,
    accuracy: hits / count,
    interval: wilsonInterval(hits, count, level),
  };
}

/** Bins of equal width in confidence, empty ones included: the reliability diagram. Guo et al., ICML 2017. */
export function reliabilityBins(
  { confidence, correct }: Confidences,
  bins = 15,
  level = 0.95,
): ReliabilityBin[] {
  checkBins(bins);
  const sums = Array.from({ length: bins }, () => ({ confidence: 0, hits: 0, count: 0 }));
  for (let i = 0; i < confidence.length; i++) {
    const sum = sums[widthBin(confidence[i]!, bins)]!;
    sum.confidence += confidence[i]!;
    sum.hits += correct[i]!;
    sum.count += 1;
  }
  return sums.map((sum, index) => toBin(sum, index / bins, (index + 1) / bins, level));
}

/**
 * Bins of equal count: sorted by confidence (ties in sample order) and cut so that counts differ by at most one, the
 * larger ones first. Fewer bins where there are fewer samples. Nixon et al., CVPR workshops 2019.
 */
export function equalMassBins(
  { confidence, correct }: Confidences,
  bins = 15,
  level = 0.95,
): ReliabilityBin[] {
  checkBins(bins);
  const order = Uint32Array.from(confidence, (_, index) => index);
  order.sort((left, right) => confidence[left]! - confidence[right]! || left - right);
  const parts = Math.min(bins, order.length);
  const [size, larger] = [Math.floor(order.length / parts), order.length % parts];
  return Array.from({ length: parts }, (_, part) => {
    const from = part * size + Math.min(part, larger);
    const members = order.subarray(from, from + size + (part < larger ? 1 : 0));
    const sum = { confidence: 0, hits: 0, count: members.length };
    for (const index of members) {
      sum.confidence += confidence[index]!;
      sum.hits += correct[index]!;
    }
    return toBin(sum, confidence[members[0]!]!, confidence[members[members.length - 1]!]!, level);
  });
}

/**
 * Expected calibration error: the mean distance between confidence and accuracy of the bins, weighted by count, in
 * [0, 1]. Of {@link reliabilityBins} the ECE of Guo et al. (2017), of {@link equalMassBins} the adaptive ECE.
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let sum = 0;
  let count = 0;
  for (const bin of bins) {
    if (bin.count === 0) continue;
    sum += bin.count * Math.abs(bin.accuracy - bin.confidence);
    count += bin.count;
  }
  return count === 0 ? NaN : sum / count;
}

/** Maximum calibration error: the largest distance of any bin that is not empty, in [0, 1]. */
export function maximumCalibrationError(bins: readonly ReliabilityBin[]): number {
  return bins.reduce(
    (most, bin) => (bin.count === 0 ? most : Math.max(most, Math.abs(bin.accuracy - bin.confidence))),
    0,
  );
}

/** Squared distance of one row of probabilities from the one-hot truth, in [0, 2]. */
export function squaredDistance(
  probabilities: Probabilities,
  row: number,
  classes: number,
  label: number,
): number {
  let sum = 0;
  for (let index = 0; index < classes; index++) {
    const off = probabilities[row * classes + index]! - (index === label ? 1 : 0);
    sum += off * off;
  }
  return sum;
}

/**
 * Brier score of many classes in Brier's own form (1950): mean squared distance from the one-hot truth, in [0, 2],
 * lower is better; scikit-learn's `brier_score_loss(..., scale_by_half=False)`.
 */
export function brierScore(labels: ArrayLike<number>, probabilities: Probabilities, classes: number): number {
  const count = checkedRowCount(labels, probabilities, classes);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += squaredDistance(probabilities, i, classes, checkClass(labels[i], classes, 'label', i));
  }
  return sum / count;
}
