import { checkClass } from './confusion.ts';
import { MetricsInputError } from './errors.ts';
import { checkedRowCount, type Probabilities } from './probabilities.ts';

/** A probability of 0 has no logarithm: a quarter of the smallest number a float16 ledger can hold above 0. */
const LEAST = 2 ** -26;
const COLDEST = 0.01;
const HOTTEST = 100;

/** A temperature and what it does to the loss on the samples it was fitted on. */
export interface FittedTemperature {
  /** Above 1 where the model was too sure of itself. Within [0.01, 100]. */
  readonly temperature: number;
  /** Mean log loss before and after, in nats. */
  readonly lossBefore: number;
  readonly lossAfter: number;
}

function logarithms(probabilities: Probabilities): Float64Array {
  return Float64Array.from(probabilities, (value) => Math.log(Math.max(value, LEAST)));
}

/** Mean log loss, and its first and second derivative, of softmax(logits * coldness). It is convex in coldness. */
function lossAt(labels: ArrayLike<number>, logits: Float64Array, classes: number, coldness: number) {
  const count = labels.length;
  let [loss, slope, curvature] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const start = i * classes;
    let most = -Infinity;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[start + c]!);
    let [sum, first, second] = [0, 0, 0];
    for (let c = 0; c < classes; c++) {
      const logit = logits[start + c]! - most;
      const weight = Math.exp(coldness * logit);
      sum += weight;
      first += weight * logit;
      second += weight * logit * logit;
    }
    const own = logits[start + labels[i]!]! - most;
    const mean = first / sum;
    loss += Math.log(sum) - coldness * own;
    slope += mean - own;
    curvature += second / sum - mean * mean;
  }
  return { loss: loss / count, slope: slope / count, curvature: curvature / count };
}

/**
 * The one temperature T for which softmax(log p / T) has the least log loss (Guo et al., ICML 2017): Newton's method on
 * 1/T, where the loss is convex, kept within its bracket. Fit on validation, apply to test.
 * @param probabilities `[count, classes]`, softmax outputs; zeros are read as 2^-26.
 * @throws MetricsInputError for no samples, wrong lengths, probabilities outside [0, 1].
 */
export function fitTemperature(
  labels: ArrayLike<number>,
  probabilities: Probabilities,
  classes: number,
): FittedTemperature {
  const count = checkedRowCount(labels, probabilities, classes);
  for (let i = 0; i < count; i++) checkClass(labels[i], classes, 'label', i);
  const logits = logarithms(probabilities);
  let [low, high, coldness] = [1 / HOTTEST, 1 / COLDEST, 1];
  for (let round = 0; round < 200; round++) {
    const { slope, curvature } = lossAt(labels, logits, classes, coldness);
    if (slope > 0) high = coldness;
    else low = coldness;
    const newton = coldness - slope / curvature;
    const next = newton >= low && newton <= high ? newton : (low + high) / 2;
    if (Math.abs(next - coldness) <= 1e-13 * coldness) break;
    coldness = next;
  }
  return {
    temperature: 1 / coldness,
    lossBefore: lossAt(labels, logits, classes, 1).loss,
    lossAfter: lossAt(labels, logits, classes, coldness).loss,
  };
}

/**
 * softmax(log p / temperature), row by row: changes how sure the answers are, never which is the most probable.
 * @throws MetricsInputError for a temperature that is not above 0, or a length that is no multiple of `classes`.
 */
export function applyTemperature(
  probabilities: Probabilities,
  classes: number,
  temperature: number,
): Float64Array {
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new MetricsInputError(`a temperature must be a finite number above 0, got ${temperature}`);
  }
  if (probabilities.length % classes !== 0) {
    throw new MetricsInputError(
      `${probabilities.length} probabilities do not divide into rows of ${classes}`,
    );
  }
  const scaled = logarithms(probabilities);
  for (let start = 0; start < scaled.length; start += classes) {
    const row = scaled.subarray(start, start + classes);
    const most = row.reduce((left, right) => Math.max(left, right), -Infinity);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += row[c] = Math.exp((row[c]! - most) / temperature);
    for (let c = 0; c < classes; c++) row[c]! /= sum;
  }
  return scaled;
}
