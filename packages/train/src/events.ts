import type { TrainingState } from './training-state.ts';

/** What every epoch reports. Losses in nats, accuracies in [0, 1], rates in images a second of training. */
export interface EpochMetrics {
  readonly 'train/loss': number;
  readonly 'train/accuracy': number;
  readonly 'train/imagesPerSecond': number;
  readonly 'train/learningRate': number;
  readonly 'val/loss': number;
  readonly 'val/accuracy': number;
}

export interface StartedEvent {
  readonly type: 'started';
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** After every few steps; loss, accuracy and speed are means over the steps since the last such event. */
export interface StepEvent {
  readonly type: 'step';
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
}

export interface EpochEvent {
  readonly type: 'epoch';
  readonly epoch: number;
  readonly step: number;
  readonly metrics: EpochMetrics;
  /** Of the epoch, validation included. */
  readonly seconds: number;
  /** Class probabilities of the validation split: [count, classes]. */
  readonly probabilities: Float32Array;
}

/** Everything needed to go on from here, copied: after every epoch, at an abort, and every few steps where that is asked for. */
export interface CheckpointEvent {
  readonly type: 'checkpoint';
  readonly epoch: number;
  readonly step: number;
  readonly state: TrainingState;
}

/** Training ended before its last epoch. The last event of an aborted run; `finished` follows early stopping. */
export interface StoppedEvent {
  readonly type: 'stopped';
  readonly reason: 'early-stopping' | 'aborted';
  readonly epoch: number;
  readonly step: number;
}

/** The loss left the finite numbers. The last event. */
export interface DivergedEvent {
  readonly type: 'diverged';
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  readonly advice: string;
}

export interface FinishedEvent {
  readonly type: 'finished';
  readonly step: number;
  /** The epoch whose weights the classifier now has. */
  readonly bestEpoch: number;
  /** What these weights give for the validation split: [count, classes]. */
  readonly probabilities: Float32Array;
  /** Spent in training steps; the rest of the time went to input, evaluation and whoever takes the events. */
  readonly stepSeconds: number;
}

export type TrainEvent =
  StartedEvent | StepEvent | EpochEvent | CheckpointEvent | StoppedEvent | DivergedEvent | FinishedEvent;
