import type { Splits } from '@atelier/data';
import type { Engine } from '@atelier/engine';
import { argmax } from '@atelier/metrics';
import { summarizeModel } from '@atelier/model';
import type { Tracker } from '@atelier/tracker';
import {
  checkpointsFolder,
  dropCheckpoints,
  evaluate,
  isEpochMetric,
  parseConfig,
  type RawSettings,
  type StoredTrial,
  type SweepSpec,
  type TrainConfig,
  type TrainEvent,
  TrainingDiverged,
  type TrainingState,
  type TrialContext,
  TrialDiverged,
  TrialParked,
  TrialPruned,
  type TrialRunner,
  WorkerStale,
} from '@atelier/train';
import { existsSync } from 'node:fs';
import { carryCurves, checkData, type Origin, originFrom } from '../train/going-on.ts';
import { Recorder } from '../train/recorder.ts';
import {
  loadSplits,
  openConfigEngine,
  openSetup,
  type RunSetup,
  startRun,
  type Voice,
} from '../train/run-setup.ts';
import { conduct, type Outcome, type Watcher } from '../train/training.ts';

const SILENT: Voice = { say: () => {}, warn: () => {} };

/** Repetitions behind the median of `model/latencyMs`. */
const LATENCY_REPEATS = 20;

/** Where a run keeps which validation images it had right after an epoch, a byte each, for races of later sittings. */
export const answersPath = (epoch: number): string => `answers/epoch-${epoch}.bin`;

const trialTag = (number: number): string => `trial-${number}`;

/** Loads every split of the data once, however many trials use it. */
export function sharedSplits(): (data: TrainConfig['data']) => Promise<Splits> {
  const loaded = new Map<string, Promise<Splits>>();
  return (data) => {
    const key = JSON.stringify([data.dataset, data.validation, data.splitSeed]);
    const splits = loaded.get(key) ?? loadSplits(data);
    loaded.set(key, splits);
    return splits;
  };
}

/** Median milliseconds to classify one image. */
async function latency({ classifier, splits }: RunSetup): Promise<number> {
  const { val } = splits;
  const one = { ...val, indices: val.indices.slice(0, 1), labels: val.labels.slice(0, 1), count: 1 };
  const times: number[] = [];
  for (let i = 0; i < LATENCY_REPEATS; i++) {
    const since = performance.now();
    await evaluate(classifier, one);
    times.push(performance.now() - since);
  }
  return times.sort((a, b) => a - b)[LATENCY_REPEATS >> 1]!;
}

/** One byte per validation image: 1 for right. */
function correctOf(probabilities: Float32Array, { val, descriptor }: Splits): Uint8Array {
  return argmax(probabilities, descriptor.classes.length).map((label, i) => Number(label === val.labels[i]));
}

function keepAnswers(recorder: Recorder, epoch: number, correct: Uint8Array): void {
  recorder.attempt('the answers', () =>
    recorder.run.logArtifact(answersPath(epoch), correct, 'application/octet-stream'),
  );
}

/** Runs trials of a recipe, every one a run of the tracker. */
export class TrainingRunner {
  readonly #tracker: Tracker;
  readonly #spec: SweepSpec;
  readonly #threads: number;
  readonly #splitsOf = sharedSplits();

  constructor(tracker: Tracker, spec: SweepSpec, threads: number) {
    this.#tracker = tracker;
    this.#spec = spec;
    this.#threads = threads;
  }

  /** Opens the engine that the trials without an engine of their own use. */
  open(settings: RawSettings): Promise<Engine> {
    return openConfigEngine({ ...parseConfig(settings).engine, threads: this.#threads });
  }

  readonly run: TrialRunner = async (trial, context) => {
    const known = this.#finishedBefore(trial, context);
    if (known !== undefined) return known;
    const config = parseConfig(trial.config);
    const setup = await this.#setup({ ...config, engine: { ...config.engine, threads: this.#threads } });
    try {
      return await this.#record(setup, trial, context);
    } finally {
      setup.classifier.dispose();
    }
  };

  /** A worker may die between the end of the run and that of the trial: then the work is done. */
  #finishedBefore({ number, attempts }: StoredTrial, context: TrialContext): number[] | undefined {
    if (attempts < 2) return undefined;
    const { name, project } = this.#spec;
    const run = this.#tracker
      .listRuns({ project, status: 'FINISHED', limit: 1000 })
      .find(({ group, tags }) => group === name && tags.includes(trialTag(number)));
    if (run === undefined) return undefined;
    const values = this.#valuesOf(run.metrics);
    if (!values.every(Number.isFinite)) return undefined;
    context.attachRun(run.id);
    return values;
  }

  /** What an earlier attempt at the trial left to go on from. */
  #interrupted({ number }: StoredTrial, { splits, home }: RunSetup): Origin | undefined {
    if (!existsSync(checkpointsFolder(home))) return undefined;
    const { name, project } = this.#spec;
    const earlier = this.#tracker
      .listRuns({ project, limit: 1000 })
      .filter(
        ({ group, tags, status }) =>
          group === name && tags.includes(trialTag(number)) && status !== 'FINISHED',
      );
    for (const { id } of earlier) {
      try {
        const origin = originFrom(this.#tracker, this.#tracker.getRun(id));
        checkData(origin, splits.digest);
        return origin;
      } catch {
        // another attempt's, or none at all: the trial begins anew
      }
    }
    return undefined;
  }

  /** Takes over what an earlier attempt recorded, and tells the pruner of it again. */
  async #takeOver(origin: Origin, recorder: Recorder, context: TrialContext): Promise<void> {
    const { state } = origin.checkpoint;
    carryCurves(this.#tracker, origin, state, recorder.run);
    const { metric } = this.#spec.objectives[0]!;
    if (!isEpochMetric(metric)) return;
    const [curve] = this.#tracker.curves(origin.run.id, { keys: [metric] }).curves;
    const epochs = (curve?.points ?? []).filter(
      ({ step, epoch }) => epoch !== undefined && step <= state.progress.step,
    );
    const last = new Map(epochs.map(({ epoch, value }) => [epoch!, value]));
    for (const [epoch, value] of last) {
      if (epoch >= state.progress.epoch) continue;
      const correct = this.#answersOf(origin.run, epoch);
      if (correct !== undefined) keepAnswers(recorder, epoch, correct);
      await context.report(epoch, value, { correct });
    }
  }

  #answersOf({ id, artifacts }: Origin['run'], epoch: number): Uint8Array | undefined {
    const path = answersPath(epoch);
    return artifacts.some((artifact) => artifact.path === path)
      ? this.#tracker.readArtifact(id, path)
      : undefined;
  }

  #valuesOf(summary: Readonly<Record<string, number>>): number[] {
    return this.#spec.objectives.map(({ metric }) => summary[metric] ?? Number.NaN);
  }

  async #setup(config: TrainConfig): Promise<RunSetup> {
    try {
      return await openSetup(config, SILENT, Object.keys(this.#spec.space.parameters), this.#splitsOf);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENGINE_BUSY') throw error;
      throw new WorkerStale('this process has another engine open', { cause: error });
    }
  }

  async #record(setup: RunSetup, trial: StoredTrial, context: TrialContext): Promise<number[]> {
    const { name: group } = this.#spec;
    const { task } = this.#spec;
    const recipe = task.kind === 'training' ? task.recipe : '';
    const flags = { recipe, set: [], group, tags: `sweep,${trialTag(trial.number)}` };
    const run = startRun(this.#tracker, setup, flags);
    const recorder = new Recorder(run, setup, SILENT.warn);
    try {
      context.attachRun(run.id);
      const origin = this.#interrupted(trial, setup);
      if (origin !== undefined) await this.#takeOver(origin, recorder, context);
      const outcome = await this.#conduct(setup, recorder, context, origin?.checkpoint.state);
      const summary = { ...outcome.summary, ...(await this.#extras(setup)) };
      recorder.summary(summary);
      run.finish();
      if (origin !== undefined) dropCheckpoints(setup.home, origin.run.id);
      return this.#valuesOf(summary);
    } catch (thrown) {
      const error =
        thrown instanceof TrainingDiverged ? new TrialDiverged(thrown.message, { cause: thrown }) : thrown;
      this.#close(recorder, error);
      throw error;
    }
  }

  /** @throws the reason where the trial was ended early */
  async #conduct(
    setup: RunSetup,
    recorder: Recorder,
    context: TrialContext,
    from: TrainingState | undefined,
  ): Promise<Outcome> {
    const ended = new AbortController();
    const watcher = this.#reporter(setup, recorder, context, (reason) => ended.abort(reason));
    const signal = AbortSignal.any([context.signal, ended.signal]);
    const options = { discardInterrupted: true, from };
    const outcome = await conduct(setup, recorder, watcher, SILENT, signal, options);
    if (outcome.status === 'KILLED') throw signal.reason;
    return outcome;
  }

  /** Reports the first objective after every epoch. */
  #reporter(
    { config, splits }: RunSetup,
    recorder: Recorder,
    context: TrialContext,
    end: (reason: Error) => void,
  ): Watcher {
    const { objectives, pruner } = this.#spec;
    const { metric } = objectives[0]!;
    return {
      async show(event: TrainEvent) {
        if (event.type !== 'epoch' || !isEpochMetric(metric)) return;
        const value = (event.metrics as unknown as Record<string, number>)[metric]!;
        const last = event.epoch === config.epochs;
        const correct = pruner.kind === 'racing' ? correctOf(event.probabilities, splits) : undefined;
        if (correct !== undefined) keepAnswers(recorder, event.epoch, correct);
        // where it is to end here, training hears of it by the signal
        await context
          .report(event.epoch, value, { last, correct })
          .catch((error: unknown) => end(error as Error));
      },
    };
  }

  async #extras(setup: RunSetup): Promise<Record<string, number>> {
    const asked = this.#spec.objectives.map(({ metric }) => metric);
    return {
      ...(asked.includes('model/parameters') && {
        'model/parameters': summarizeModel(setup.classifier.model).params,
      }),
      ...(asked.includes('model/latencyMs') && { 'model/latencyMs': await latency(setup) }),
    };
  }

  #close(recorder: Recorder, error: unknown): void {
    const { run } = recorder;
    if (error instanceof TrialPruned || error instanceof TrialDiverged) {
      recorder.attempt('the end', () => run.prune(error.message));
      recorder.dropCheckpoints();
    } else if (error instanceof TrialParked)
      recorder.attempt('the end', () => run.kill('its trial was put back into the queue'));
    else recorder.failure(error);
  }
}
