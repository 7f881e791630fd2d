/** Everything that one run's scores need to be known, as sums over samples; cheap to fill again and again. */
export class RunTally {
  readonly support: Float64Array;
  readonly predicted: Float64Array;
  readonly hits: Float64Array;
  /** Per confidence bin: sum of confidence minus number right. */
  readonly gaps: Float64Array;
  count = 0;
  loss = 0;
  private readonly classes: number;
  private readonly judged: readonly number[];

  /** @param judged the classes that have samples: those that count in the macro average, of every replicate too. */
  constructor(classes: number, bins: number, judged: readonly number[]) {
    this.classes = classes;
    this.judged = judged;
    this.support = new Float64Array(classes);
    this.predicted = new Float64Array(classes);
    this.hits = new Float64Array(classes);
    this.gaps = new Float64Array(bins);
  }

  clear(): void {
    for (const sums of [this.support, this.predicted, this.hits, this.gaps]) sums.fill(0);
    this.count = 0;
    this.loss = 0;
  }

  /** `count` samples (negative: taken away) of one true class that got one answer. */
  addAnswers(label: number, answer: number, count: number): void {
    this.count += count;
    this.support[label]! += count;
    this.predicted[answer]! += count;
    if (label === answer) this.hits[label]! += count;
  }

  /** One sample (sign 1) or one less (sign -1). */
  addSample(
    label: number,
    answer: number,
    bin: number,
    sign: number,
    loss: number,
    confidence: number,
  ): void {
    this.addAnswers(label, answer, sign);
    this.gaps[bin]! += sign * (confidence - (label === answer ? 1 : 0));
    this.loss += sign * loss;
  }

  accuracy(): number {
    let hits = 0;
    for (let c = 0; c < this.classes; c++) hits += this.hits[c]!;
    return hits / this.count;
  }

  recall(c: number): number {
    return this.support[c] === 0 ? 0 : this.hits[c]! / this.support[c]!;
  }

  precision(c: number): number {
    return this.predicted[c] === 0 ? 0 : this.hits[c]! / this.predicted[c]!;
  }

  f1(c: number): number {
    const whole = this.support[c]! + this.predicted[c]!;
    return whole === 0 ? 0 : (2 * this.hits[c]!) / whole;
  }

  macroF1(): number {
    let sum = 0;
    for (const c of this.judged) sum += this.f1(c);
    return sum / this.judged.length;
  }

  logLoss(): number {
    return this.loss / this.count;
  }

  /** Expected calibration error over the bins. */
  calibrationError(): number {
    let sum = 0;
    for (let bin = 0; bin < this.gaps.length; bin++) sum += Math.abs(this.gaps[bin]!);
    return sum / this.count;
  }
}
