import { checkAugment, type Splits } from '@atelier/data';
import { argmax, logLoss } from '@atelier/metrics';
import type { Classifier } from '@atelier/model';
import { setImmediate } from 'node:timers/promises';
import { restoreCheckpoint, takeCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { evaluate } from './evaluate.ts';
import type {
  DivergedEvent,
  EpochEvent,
  EpochMetrics,
  StepEvent,
  StoppedEvent,
  TrainEvent,
} from './events.ts';
import { FRESH, isExhausted, reducedRate, watchEpoch } from './patience.ts';
import { rateFactor } from './schedule.ts';
import { addTotals, NOTHING, StepWindow, type WindowTotals } from './step-window.ts';
import { TrainStep } from './train-step.ts';
import { TrainingBatches } from './training-batches.ts';

/** Steps between two reports. */
const STEPS_PER_REPORT = 10;

export interface FitOptions {
  readonly config: TrainConfig;
  /** Trained in place. */
  readonly classifier: Classifier;
  readonly splits: Splits;
  /** Ends training after the present step; the weights so far stay. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The configuration with the sizes that its data give: a batch is never larger than the training split.
 * @throws AugmentError where augmentation does not go with the images
 */
export function sizedFor(config: TrainConfig, { train, val }: Splits): TrainConfig {
  if (config.augment !== null) checkAugment(config.augment, train.source);
  return {
    ...config,
    data: { ...config.data, validation: val.count },
    batchSize: Math.min(config.batchSize, train.count),
  };
}

function advise(config: TrainConfig): string {
  const rate = config.optimizer.learningRate;
  const lower = Math.min(rate / 10, 0.1);
  return `try a lower learning rate (optimizer.learningRate is ${rate}; try ${Number(lower.toPrecision(3))}), batch normalisation, or a larger batch`;
}

/** One training in progress. */
class Training {
  step = 0;
  epoch = 0;
  stepSeconds = 0;
  /** Before the schedule: lowered on plateaus. */
  baseRate: number;
  readonly stepsPerEpoch: number;
  readonly trainStep: TrainStep;
  readonly batches: TrainingBatches;
  readonly window = new StepWindow();
  readonly options: FitOptions;

  constructor(options: FitOptions) {
    const { config, classifier, splits } = options;
    this.options = options;
    this.baseRate = config.optimizer.learningRate;
    this.stepsPerEpoch = Math.ceil(splits.train.count / config.batchSize);
    this.batches = new TrainingBatches(splits.train, splits.descriptor.classes.length, config);
    this.trainStep = new TrainStep(classifier, config);
  }

  /** Of the present step. */
  get learningRate(): number {
    const { schedule, epochs } = this.options.config;
    const { step, stepsPerEpoch } = this;
    return this.baseRate * rateFactor(schedule, { step, stepsPerEpoch, totalSteps: epochs * stepsPerEpoch });
  }

  get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  diverged(step: number, loss: number): DivergedEvent {
    return { type: 'diverged', epoch: this.epoch, step, loss, advice: advise(this.options.config) };
  }

  stopped(reason: StoppedEvent['reason']): StoppedEvent {
    return { type: 'stopped', reason, epoch: this.epoch, step: this.step };
  }

  /** What the window's totals say. */
  stepEvent({ images, lossSum, correct, seconds }: WindowTotals): StepEvent {
    const means = { loss: lossSum / images, accuracy: correct / images, imagesPerSecond: images / seconds };
    return { type: 'step', step: this.step, epoch: this.epoch, ...means };
  }

  /** Trains one epoch. Returns its sums, or nothing where training cannot go on. */
  async *runEpoch(): AsyncGenerator<StepEvent | DivergedEvent, WindowTotals | undefined> {
    let epochTotals = NOTHING;
    this.window.restartClock();
    const waiting = this.batches.epoch(this.epoch);
    let next = await waiting.next();
    while (!next.done) {
      const batch = next.value;
      this.step++;
      const began = performance.now();
      const running = this.trainStep.run(batch, this.step, this.learningRate);
      const coming = waiting.next(); // prepared while the engine computes
      const result = await running;
      next = await coming;
      this.stepSeconds += (performance.now() - began) / 1000;
      if (!Number.isFinite(result.loss)) {
        yield this.diverged(this.step, result.loss);
        return undefined;
      }
      this.window.add(result, batch.count);
      if (this.window.length === STEPS_PER_REPORT || next.done) {
        const totals = this.window.read();
        epochTotals = addTotals(epochTotals, totals);
        yield this.stepEvent(totals);
      }
      // lets signals and timers in
      await setImmediate();
      if (this.aborted) return undefined;
    }
    return epochTotals;
  }

  /** Judges the validation split. */
  async endEpoch(totals: WindowTotals, since: number): Promise<EpochEvent | DivergedEvent> {
    const { classifier, splits, signal } = this.options;
    const probabilities = await evaluate(classifier, splits.val, signal);
    if (probabilities.some(Number.isNaN)) return this.diverged(this.step, Number.NaN);
    const classes = splits.descriptor.classes.length;
    const predicted = argmax(probabilities, classes);
    const correct = predicted.reduce((sum, label, i) => sum + Number(label === splits.val.labels[i]), 0);
    const metrics: EpochMetrics = {
      'train/loss': totals.lossSum / totals.images,
      'train/accuracy': totals.correct / totals.images,
      'train/imagesPerSecond': totals.images / totals.seconds,
      'train/learningRate': this.learningRate,
      'val/loss': logLoss(splits.val.labels, probabilities, classes),
      'val/accuracy': correct / splits.val.count,
    };
    const seconds = (performance.now() - since) / 1000;
    return { type: 'epoch', epoch: this.epoch, step: this.step, metrics, seconds, probabilities };
  }

  async *run(): AsyncGenerator<TrainEvent> {
    const { config, classifier } = this.options;
    const { earlyStopping, reduceOnPlateau } = config;
    let stopping = FRESH;
    let plateau = FRESH;
    let best: Checkpoint | undefined;
    let probabilities: Float32Array = new Float32Array(0);
    yield { type: 'started', epochs: config.epochs, stepsPerEpoch: this.stepsPerEpoch };

    for (this.epoch = 1; this.epoch <= config.epochs; this.epoch++) {
      const since = performance.now();
      const totals = yield* this.runEpoch();
      if (this.aborted) return yield this.stopped('aborted');
      if (totals === undefined) return;
      const event = await this.endEpoch(totals, since);
      yield event;
      if (event.type === 'diverged') return;

      if (reduceOnPlateau !== null) {
        plateau = watchEpoch(reduceOnPlateau, plateau, this.epoch, event.metrics);
        if (isExhausted(reduceOnPlateau, plateau)) {
          this.baseRate = reducedRate(reduceOnPlateau, this.baseRate);
          plateau = { ...plateau, waited: 0 };
        }
      }
      if (earlyStopping === null) {
        probabilities = event.probabilities;
        continue;
      }
      stopping = watchEpoch(earlyStopping, stopping, this.epoch, event.metrics);
      if (stopping.waited === 0) {
        best = await takeCheckpoint(classifier);
        probabilities = event.probabilities;
      }
      if (isExhausted(earlyStopping, stopping)) {
        yield this.stopped('early-stopping');
        break;
      }
    }
    if (best !== undefined) restoreCheckpoint(classifier, best);
    const bestEpoch = best === undefined ? config.epochs : stopping.bestEpoch;
    const { step, stepSeconds } = this;
    yield { type: 'finished', step, bestEpoch, probabilities, stepSeconds };
  }

  dispose(): void {
    this.batches[Symbol.dispose]();
    this.trainStep.dispose();
  }
}

/**
 * Trains a classifier and tells how it goes; knows no storage and prints nothing. The same config, splits and engine
 * give the same weights, bit for bit. With early stopping the classifier ends with the weights of its best epoch.
 *
 * Divergence and an abort are last events, not errors.
 */
export async function* fit(options: FitOptions): AsyncGenerator<TrainEvent> {
  const training = new Training({ ...options, config: sizedFor(options.config, options.splits) });
  try {
    yield* training.run();
  } catch (error) {
    if (!training.aborted) throw error;
    yield training.stopped('aborted');
  } finally {
    training.dispose();
  }
}
