import type { Splits } from '@atelier/data';
import { argmax, logLoss } from '@atelier/metrics';
import type { Classifier } from '@atelier/model';
import { setImmediate } from 'node:timers/promises';
import type { TrainConfig } from './config.ts';
import { evaluate } from './evaluate.ts';
import type {
  CheckpointEvent,
  DivergedEvent,
  EpochEvent,
  EpochMetrics,
  StepEvent,
  TrainEvent,
} from './events.ts';
import { FRESH, isExhausted, reducedRate, watchEpoch, type PatienceState } from './patience.ts';
import { rateFactor } from './schedule.ts';
import { addTotals, NOTHING, StepWindow, type WindowTotals } from './step-window.ts';
import { TrainStep, type StepAt } from './train-step.ts';
import { TrainingBatches } from './training-batches.ts';
import type { TrainingState } from './training-state.ts';
import { copyOf, putBack, weightsOf } from './weights.ts';

/** Steps between two reports. */
const STEPS_PER_REPORT = 10;

export interface FitOptions {
  readonly config: TrainConfig;
  /** Trained in place. */
  readonly classifier: Classifier;
  readonly splits: Splits;
  /** Ends training after the present step; the weights so far stay. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on from here, to exactly what the training would have become. */
  readonly from?: TrainingState | undefined;
}

function advise(config: TrainConfig): string {
  const rate = config.optimizer.learningRate;
  const lower = Math.min(rate / 10, 0.1);
  return `try a lower learning rate (optimizer.learningRate is ${rate}; try ${Number(lower.toPrecision(3))}), batch normalisation, or a larger batch`;
}

/** One training in progress. */
export class Training {
  readonly #options: FitOptions;
  readonly #stepsPerEpoch: number;
  readonly #trainStep: TrainStep;
  readonly #source: TrainingBatches;
  #window: StepWindow;
  #step = 0;
  #epoch = 1;
  #batches = 0;
  #stepSeconds = 0;
  /** Before the schedule: lowered on plateaus. */
  #baseRate: number;
  #totals: WindowTotals = NOTHING;
  #stopping: PatienceState = FRESH;
  #plateau: PatienceState = FRESH;
  #best: readonly Float32Array[] = [];
  #probabilities = new Float32Array(0);

  constructor(options: FitOptions) {
    const { config, classifier, splits, from } = options;
    this.#options = options;
    this.#baseRate = config.optimizer.learningRate;
    this.#stepsPerEpoch = Math.ceil(splits.train.count / config.batchSize);
    this.#source = new TrainingBatches(splits.train, splits.descriptor.classes.length, config);
    this.#trainStep = new TrainStep(classifier, config);
    this.#window = new StepWindow(from?.progress.window);
    if (from !== undefined) this.#restore(from);
  }

  #restore({ progress, weights, optimizer, best, probabilities }: TrainingState): void {
    putBack(weightsOf(this.#options.classifier), weights);
    putBack(this.#trainStep.variables, optimizer);
    this.#step = progress.step;
    this.#epoch = progress.epoch;
    this.#batches = progress.batches;
    this.#baseRate = progress.baseRate;
    this.#stepSeconds = progress.stepSeconds;
    this.#totals = progress.totals;
    this.#stopping = progress.stopping;
    this.#plateau = progress.plateau;
    this.#best = best;
    this.#probabilities = probabilities.slice();
  }

  /** Everything from which another training goes on to the same weights. */
  async #checkpoint(): Promise<CheckpointEvent> {
    const [step, epoch] = [this.#step, this.#epoch];
    const progress = {
      ...{ step, epoch, batches: this.#batches, baseRate: this.#baseRate, stepSeconds: this.#stepSeconds },
      ...{
        totals: this.#totals,
        window: this.#window.state,
        stopping: this.#stopping,
        plateau: this.#plateau,
      },
    };
    const weights = await copyOf(weightsOf(this.#options.classifier));
    const optimizer = await copyOf(this.#trainStep.variables);
    const state = { progress, weights, optimizer, best: this.#best, probabilities: this.#probabilities };
    return { type: 'checkpoint', epoch, step, state };
  }

  /** Of the present step. */
  get #learningRate(): number {
    const { schedule, epochs } = this.#options.config;
    const [step, stepsPerEpoch] = [this.#step, this.#stepsPerEpoch];
    return this.#baseRate * rateFactor(schedule, { step, stepsPerEpoch, totalSteps: epochs * stepsPerEpoch });
  }

  get #at(): StepAt {
    return { step: this.#step, stepsPerEpoch: this.#stepsPerEpoch, learningRate: this.#learningRate };
  }

  get aborted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #diverged(loss: number): DivergedEvent {
    const advice = advise(this.#options.config);
    return { type: 'diverged', epoch: this.#epoch, step: this.#step, loss, advice };
  }

  /** The last events of an aborted training. */
  async *stop(): AsyncGenerator<TrainEvent> {
    yield await this.#checkpoint();
    yield { type: 'stopped', reason: 'aborted', epoch: this.#epoch, step: this.#step };
  }

  /** What the window's totals say. */
  #stepEvent({ images, lossSum, correct, seconds }: WindowTotals): StepEvent {
    const means = { loss: lossSum / images, accuracy: correct / images, imagesPerSecond: images / seconds };
    return { type: 'step', step: this.#step, epoch: this.#epoch, ...means };
  }

  /** Trains the rest of an epoch. Ends with false where training cannot go on. */
  async *#runEpoch(): AsyncGenerator<StepEvent | DivergedEvent | CheckpointEvent, boolean> {
    const { config } = this.#options;
    this.#window.restartClock();
    const waiting = this.#source.epoch(this.#epoch, this.#batches);
    let next = await waiting.next();
    while (!next.done) {
      const batch = next.value;
      this.#step++;
      const began = performance.now();
      const running = this.#trainStep.run(batch, this.#at);
      const coming = waiting.next(); // prepared while the engine computes
      const result = await running;
      next = await coming;
      this.#stepSeconds += (performance.now() - began) / 1000;
      this.#batches++;
      if (!Number.isFinite(result.loss)) {
        yield this.#diverged(result.loss);
        return false;
      }
      this.#window.add(result, batch.count);
      if (this.#window.length === STEPS_PER_REPORT || next.done) {
        const totals = this.#window.read();
        this.#totals = addTotals(this.#totals, totals);
        yield this.#stepEvent(totals);
      }
      // lets signals and timers in
      await setImmediate();
      if (this.aborted) return false;
      if (config.checkpointSteps !== null && this.#step % config.checkpointSteps === 0 && !next.done)
        yield await this.#checkpoint();
    }
    return true;
  }

  /** With the weights that are judged in place of those that are trained. */
  async #averaged<Result>(act: () => Promise<Result>): Promise<Result> {
    const { averages } = this.#trainStep;
    if (averages.length === 0) return act();
    const weights = weightsOf(this.#options.classifier);
    const trained = await copyOf(weights);
    putBack(weights, await copyOf(averages));
    try {
      return await act();
    } finally {
      putBack(weights, trained);
    }
  }

  #judgedWeights(): Promise<Float32Array[]> {
    const { averages } = this.#trainStep;
    return copyOf(averages.length > 0 ? averages : weightsOf(this.#options.classifier));
  }

  /** Judges the validation split. */
  async #judge(since: number): Promise<EpochEvent | DivergedEvent> {
    const { classifier, splits, signal } = this.#options;
    const probabilities = await this.#averaged(() => evaluate(classifier, splits.val, signal));
    if (probabilities.some(Number.isNaN)) return this.#diverged(Number.NaN);
    const classes = splits.descriptor.classes.length;
    const predicted = argmax(probabilities, classes);
    const correct = predicted.reduce((sum, label, i) => sum + Number(label === splits.val.labels[i]), 0);
    const totals = this.#totals;
    const metrics: EpochMetrics = {
      'train/loss': totals.lossSum / totals.images,
      'train/accuracy': totals.correct / totals.images,
      'train/imagesPerSecond': totals.images / totals.seconds,
      'train/learningRate': this.#learningRate,
      'val/loss': logLoss(splits.val.labels, probabilities, classes),
      'val/accuracy': correct / splits.val.count,
    };
    const seconds = (performance.now() - since) / 1000;
    return { type: 'epoch', epoch: this.#epoch, step: this.#step, metrics, seconds, probabilities };
  }

  /** Lowers the rate on a plateau, and keeps the weights that count. Ends with whether patience has run out. */
  async #learnFrom({ epoch, metrics, probabilities }: EpochEvent): Promise<boolean> {
    const { config } = this.#options;
    const { earlyStopping, reduceOnPlateau } = config;
    if (reduceOnPlateau !== null) {
      this.#plateau = watchEpoch(reduceOnPlateau, this.#plateau, epoch, metrics);
      if (isExhausted(reduceOnPlateau, this.#plateau)) {
        this.#baseRate = reducedRate(reduceOnPlateau, this.#baseRate);
        this.#plateau = { ...this.#plateau, waited: 0 };
      }
    }
    if (earlyStopping === null) {
      this.#probabilities = probabilities.slice();
      return false;
    }
    this.#stopping = watchEpoch(earlyStopping, this.#stopping, epoch, metrics);
    if (this.#stopping.waited === 0) {
      this.#best = await this.#judgedWeights();
      this.#probabilities = probabilities.slice();
    }
    return isExhausted(earlyStopping, this.#stopping);
  }

  async *run(): AsyncGenerator<TrainEvent> {
    const { config, classifier } = this.#options;
    yield { type: 'started', epochs: config.epochs, stepsPerEpoch: this.#stepsPerEpoch };
    while (this.#epoch <= config.epochs) {
      const since = performance.now();
      if (!(yield* this.#runEpoch())) {
        if (this.aborted) yield* this.stop();
        return;
      }
      const event = await this.#judge(since);
      yield event;
      if (event.type === 'diverged') return;
      if (await this.#learnFrom(event)) {
        yield { type: 'stopped', reason: 'early-stopping', epoch: this.#epoch, step: this.#step };
        break;
      }
      this.#epoch++;
      this.#batches = 0;
      this.#totals = NOTHING;
      yield await this.#checkpoint();
    }
    putBack(weightsOf(classifier), this.#best.length > 0 ? this.#best : await this.#judgedWeights());
    const bestEpoch = config.earlyStopping === null ? config.epochs : this.#stopping.bestEpoch;
    const [step, stepSeconds, probabilities] = [this.#step, this.#stepSeconds, this.#probabilities];
    yield { type: 'finished', step, bestEpoch, probabilities, stepSeconds };
  }

  dispose(): void {
    this.#source[Symbol.dispose]();
    this.#trainStep.dispose();
  }
}
