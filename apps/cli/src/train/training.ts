import { summarizeModel } from '@atelier/model';
import {
  type CheckpointEvent,
  type EpochEvent,
  evaluateViews,
  type FinishedEvent,
  fit,
  type TrainEvent,
  TrainingDiverged,
  type TrainingState,
} from '@atelier/train';
import { judgedWeights, splitSummary, testReport } from './judgement.ts';
import type { Recorder } from './recorder.ts';
import type { RunSetup, Voice } from './run-setup.ts';

/** A training step costs the forward pass, and about as much again for each of two gradients: of inputs and of weights. */
const TRAINING_FLOPS = 3;

/** How a run ended: what `--json` prints. */
export interface Outcome {
  readonly status: 'FINISHED' | 'KILLED';
  readonly summary: Readonly<Record<string, number>>;
}

/** Sees every event of a training; the next one waits until it has seen this. */
export interface Watcher {
  show(event: TrainEvent): void | Promise<void>;
}

export interface ConductOptions {
  /** Nothing is made of an interrupted training but its curves: it will be done again, or was given up. */
  readonly discardInterrupted?: boolean | undefined;
  /** Where the training goes on. */
  readonly from?: TrainingState | undefined;
}

/** Sums of training time and images over the epochs. */
class Throughput {
  seconds = 0;
  images = 0;

  add({ metrics }: EpochEvent, imagesPerEpoch: number): void {
    this.images += imagesPerEpoch;
    this.seconds += imagesPerEpoch / metrics['train/imagesPerSecond'];
  }

  /** Nothing before the first whole epoch. */
  summary(): Record<string, number> {
    return this.seconds === 0 ? {} : { 'train/imagesPerSecond': this.images / this.seconds };
  }
}

/** Trains, recording and showing every event. Returns the last one, and what was measured. */
async function train(
  setup: RunSetup,
  recorder: Recorder,
  watcher: Watcher,
  signal: AbortSignal,
  from: TrainingState | undefined,
) {
  const throughput = new Throughput();
  const since = performance.now();
  let last: Exclude<TrainEvent, CheckpointEvent> | undefined;
  for await (const event of fit({ ...setup, signal, from })) {
    recorder.event(event);
    if (event.type === 'checkpoint') continue;
    await watcher.show(event);
    if (event.type === 'epoch') throughput.add(event, setup.splits.train.count);
    last = event;
  }
  const trainSeconds = (performance.now() - since) / 1000;
  const steps = last?.type === 'finished' ? { stepSeconds: last.stepSeconds } : {};
  const { flops } = summarizeModel(setup.classifier.model);
  const trainTflop = (TRAINING_FLOPS * flops * throughput.images) / 1e12;
  return { last, summary: { ...throughput.summary(), trainSeconds, trainTflop, ...steps } };
}

/** Judges validation, which training has done already unless views are asked for, and test, for the first and only time. */
async function judge(
  setup: RunSetup,
  recorder: Recorder,
  voice: Voice,
  signal: AbortSignal,
  { bestEpoch: epoch, probabilities }: FinishedEvent,
) {
  const { classifier, config, splits } = setup;
  const classes = splits.descriptor.classes.length;
  const { evaluation } = config;
  const val =
    evaluation === null ? probabilities : await evaluateViews(classifier, splits.val, evaluation, signal);
  const test = await evaluateViews(classifier, splits.test, evaluation, signal);
  recorder.predictions('val', val, `epoch-${epoch}`);
  recorder.predictions('test', test, `epoch-${epoch}`);
  voice.say(`\ntest split, ${judgedWeights(config, epoch)}\n\n${testReport(splits, test)}`);
  return {
    ...splitSummary(splits.val, val, classes),
    ...splitSummary(splits.test, test, classes),
    bestEpoch: epoch,
  };
}

/**
 * Trains and judges a setup. Ends by itself, or as KILLED with everything so far kept.
 * @throws TrainingDiverged
 */
export async function conduct(
  setup: RunSetup,
  recorder: Recorder,
  watcher: Watcher,
  voice: Voice,
  signal: AbortSignal,
  { discardInterrupted = false, from }: ConductOptions = {},
): Promise<Outcome> {
  recorder.dataset();
  recorder.layers(setup.classifier);
  const { last, summary } = await train(setup, recorder, watcher, signal, from);
  recorder.summary(summary);
  if (last?.type === 'diverged') throw new TrainingDiverged(last.step, last.loss, last.advice);
  if (last?.type !== 'finished' && discardInterrupted) return { status: 'KILLED', summary };
  await recorder.model(setup.classifier);
  if (last?.type !== 'finished') {
    recorder.lastValidation();
    return { status: 'KILLED', summary };
  }
  try {
    const judged = await judge(setup, recorder, voice, signal, last);
    recorder.summary(judged);
    recorder.dropCheckpoints();
    return { status: 'FINISHED', summary: { ...summary, ...judged } };
  } catch (error) {
    if (!signal.aborted) throw error;
    recorder.lastValidation();
    return { status: 'KILLED', summary };
  }
}
