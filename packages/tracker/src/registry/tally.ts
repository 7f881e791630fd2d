import type { JudgedSamples } from './ledgers.ts';

/** Equal-width bins of the top probability for the expected calibration error. */
const BINS = 15;

/** Probabilities are stored as float16: nothing is less probable than its smallest step. */
const SMALLEST = 2 ** -24;

/** Sums over (re)sampled answers of one run, from which its statistics follow. */
export class Tally {
  readonly #samples: JudgedSamples;
  readonly #classes: number;
  readonly #confidence: Float64Array;
  readonly #loss: Float64Array;
  readonly #brier: Float64Array;
  readonly #counts: Float64Array;
  readonly #binWeight = new Float64Array(BINS);
  readonly #binConfidence = new Float64Array(BINS);
  readonly #binHits = new Float64Array(BINS);
  #lossSum = 0;
  #brierSum = 0;
  #total = 0;

  constructor(samples: JudgedSamples) {
    this.#samples = samples;
    const classes = (this.#classes = samples.classNames.length);
    const count = samples.labels.length;
    this.#counts = new Float64Array(classes * classes);
    this.#confidence = new Float64Array(count);
    this.#loss = new Float64Array(count);
    this.#brier = new Float64Array(count);
    for (let i = 0; i < count; i++)
      this.#measure(i, samples.probabilities.subarray(i * classes, (i + 1) * classes));
  }

  #measure(i: number, row: Float32Array): void {
    const label = this.#samples.labels[i]!;
    let sum = 0;
    let brier = 0;
    for (let k = 0; k < row.length; k++) {
      sum += row[k]!;
      brier += (row[k]! - Number(k === label)) ** 2;
    }
    this.#confidence[i] = row[this.#samples.predicted[i]!]!;
    this.#loss[i] = -Math.log(Math.max(row[label]!, SMALLEST) / sum);
    this.#brier[i] = brier;
  }

  reset(): void {
    for (const sums of [this.#counts, this.#binWeight, this.#binConfidence, this.#binHits]) sums.fill(0);
    this.#lossSum = this.#brierSum = this.#total = 0;
  }

  /** Counts sample `i` once more. */
  add(i: number): void {
    const label = this.#samples.labels[i]!;
    const predicted = this.#samples.predicted[i]!;
    const confidence = this.#confidence[i]!;
    const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
    this.#counts[label * this.#classes + predicted]! += 1;
    this.#binWeight[bin]! += 1;
    this.#binConfidence[bin]! += confidence;
    if (label === predicted) this.#binHits[bin]! += 1;
    this.#lossSum += this.#loss[i]!;
    this.#brierSum += this.#brier[i]!;
    this.#total += 1;
  }

  #ece(): number {
    let sum = 0;
    for (let bin = 0; bin < BINS; bin++) sum += Math.abs(this.#binConfidence[bin]! - this.#binHits[bin]!);
    return sum / this.#total;
  }

  /**
   * accuracy, macroF1, logLoss, ece, brier, then recall and precision of each class (NaN for a class that the sample
   * lacks, or that nothing is called).
   */
  statistics(): Float64Array {
    const classes = this.#classes;
    const found = new Float64Array(5 + 2 * classes);
    let hits = 0;
    let f1 = 0;
    for (let k = 0; k < classes; k++) {
      let support = 0;
      let called = 0;
      for (let j = 0; j < classes; j++) {
        support += this.#counts[k * classes + j]!;
        called += this.#counts[j * classes + k]!;
      }
      const right = this.#counts[k * classes + k]!;
      hits += right;
      f1 += support + called === 0 ? 0 : (2 * right) / (support + called);
      found[5 + k] = right / support;
      found[5 + classes + k] = right / called;
    }
    found.set([
      hits / this.#total,
      f1 / classes,
      this.#lossSum / this.#total,
      this.#ece(),
      this.#brierSum / this.#total,
    ]);
    return found;
  }
}
