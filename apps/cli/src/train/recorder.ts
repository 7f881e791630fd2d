import type { Splits } from '@atelier/data';
import { type Classifier, saveModel, summarizeModel } from '@atelier/model';
import { DatasetConflictError, JsonObject, type RunWriter } from '@atelier/tracker';
import {
  type CheckpointEvent,
  checkpointPath,
  dropCheckpoints,
  type EpochEvent,
  type StepEvent,
  type TrainEvent,
  writeCheckpoint,
} from '@atelier/train';
import { describeError } from '../terminal/errors.ts';
import type { RunSetup } from './run-setup.ts';

type SplitName = 'val' | 'test';

type RecordedSetup = Pick<RunSetup, 'home' | 'config' | 'splits'>;

/** Pipes events into a run of the tracker. What cannot be recorded is a warning: training goes on. */
export class Recorder {
  readonly run: RunWriter;
  readonly splits: Splits;
  readonly #setup: RecordedSetup;
  readonly #warn: (message: string) => void;
  #validation: Float32Array | undefined;

  constructor(run: RunWriter, setup: RecordedSetup, warn: (message: string) => void) {
    this.run = run;
    this.splits = setup.splits;
    this.#setup = setup;
    this.#warn = warn;
  }

  /** Ends with false, and a warning, where `record` failed. */
  attempt(what: string, record: () => void): boolean {
    try {
      record();
      return true;
    } catch (error) {
      if (error instanceof DatasetConflictError) throw error; // the run would be judged by labels that are not its own
      this.#warn(`${what} not recorded: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  dataset(): void {
    const { digest, descriptor, val, test } = this.splits;
    const ledger = ({ labels, indices }: Splits['val']) => ({ labels, indices });
    this.attempt('the dataset', () =>
      this.run.logDataset({
        digest,
        name: descriptor.name,
        classNames: descriptor.classes,
        image: descriptor.image,
        splits: { val: ledger(val), test: ledger(test) },
      }),
    );
  }

  event(event: TrainEvent): void {
    if (event.type === 'step') this.#step(event);
    else if (event.type === 'epoch') this.#epoch(event);
    else if (event.type === 'checkpoint') this.#checkpoint(event);
  }

  #step({ step, epoch, loss, accuracy, imagesPerSecond }: StepEvent): void {
    const metrics = {
      'train/loss': loss,
      'train/accuracy': accuracy,
      'train/imagesPerSecond': imagesPerSecond,
    };
    this.attempt('a step', () => this.run.log(metrics, { step, epoch }));
  }

  #epoch({ step, epoch, metrics, probabilities }: EpochEvent): void {
    this.#validation = probabilities;
    const { 'val/loss': loss, 'val/accuracy': accuracy, 'train/learningRate': rate } = metrics;
    const values = { 'val/loss': loss, 'val/accuracy': accuracy, 'train/learningRate': rate };
    this.attempt('an epoch', () => this.run.log(values, { step, epoch }));
  }

  /** What was told so far is stored first: whoever goes on from here has its curves. */
  #checkpoint({ state }: CheckpointEvent): void {
    const { home, config, splits } = this.#setup;
    this.attempt('a checkpoint', () => {
      this.run.flush();
      const path = checkpointPath(home, this.run.id);
      writeCheckpoint(path, { state, config: JsonObject.parse(config), datasetDigest: splits.digest });
    });
  }

  /** Nothing is left to go on with. */
  dropCheckpoints(): void {
    this.attempt('the end of the checkpoints', () => dropCheckpoints(this.#setup.home, this.run.id));
  }

  predictions(split: SplitName, probabilities: Float32Array, checkpoint: string): void {
    this.attempt(`the ${split} predictions`, () =>
      this.run.logPredictions({
        split,
        checkpoint,
        datasetDigest: this.splits.digest,
        classes: this.splits.descriptor.classes.length,
        probabilities,
      }),
    );
  }

  /** What an interrupted run still has: the last epoch's judgement of the validation split. */
  lastValidation(): void {
    if (this.#validation !== undefined) this.predictions('val', this.#validation, 'last-epoch');
  }

  summary(values: Readonly<Record<string, number>>): void {
    this.attempt('the summary', () => this.run.setSummary(values));
  }

  layers(classifier: Classifier): void {
    const bytes = new TextEncoder().encode(JSON.stringify(summarizeModel(classifier.model), undefined, 2));
    this.attempt('layers.json', () => this.run.logArtifact('layers.json', bytes, 'application/json'));
  }

  async model(classifier: Classifier): Promise<void> {
    const files = await saveModel(classifier.model);
    for (const { path, bytes } of files) {
      const type = path.endsWith('.json') ? 'application/json' : 'application/octet-stream';
      this.attempt(path, () => this.run.logArtifact(`model/${path}`, bytes, type));
    }
  }

  /** Ends the run as FAILED, with what went wrong. */
  failure(error: unknown): void {
    const { code, step } = error as { code?: unknown; step?: unknown };
    this.attempt('the failure', () =>
      this.run.fail({
        code: typeof code === 'string' ? code : 'UNEXPECTED',
        message: describeError(error, false),
        ...(typeof step === 'number' && { step }),
      }),
    );
  }
}
