import { canonicalJson } from '@atelier/base';
import { openTracker, type Run } from '@atelier/tracker';
import { parseConfig, type SweepSpec, threadsOf, type TrainConfig, type TrialPlan } from '@atelier/train';
import { atelierHome } from '../terminal/home.ts';

/** What earlier runs say about the time of trials. */
export interface Estimate {
  /** Of all trials, one after another. */
  readonly trialSeconds: number;
  /** With the workers sharing them out. */
  readonly seconds: number;
  /** Runs it rests on. */
  readonly runs: number;
  /** Median seconds of an epoch. */
  readonly secondsPerEpoch: number;
}

/** Runs looked at, the newest first. */
const MOST_RUNS = 200;

interface Timed {
  readonly secondsPerEpoch: number;
  readonly sameModel: boolean;
  readonly sameThreads: boolean;
}

/** Settings of every family that do not change what a step costs. */
const FREE = /dropout|stochasticDepth|momentum/i;

function sizeOf(model: TrainConfig['model'], batchSize: number): string {
  const sizes = Object.entries(model).filter(([name]) => !FREE.test(name));
  return canonicalJson([Object.fromEntries(sizes), batchSize]);
}

function timed({ config, durationMs, environment }: Run, like: TrainConfig, threads: number): Timed[] {
  try {
    const { data, model, epochs, batchSize } = parseConfig(config);
    if (durationMs === undefined || canonicalJson(data) !== canonicalJson(like.data)) return [];
    if (model.kind !== like.model.kind) return [];
    const sameModel = sizeOf(model, batchSize) === sizeOf(like.model, like.batchSize);
    const sameThreads = environment.engine.threads === threads;
    return [{ secondsPerEpoch: durationMs / 1000 / epochs, sameModel, sameThreads }];
  } catch {
    return []; // of another version, or no training
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** The most similar runs there are: of the same size and threads, else of the same size, else of the same kind. */
function mostAlike(runs: readonly Timed[]): readonly Timed[] {
  const same = runs.filter(({ sameModel }) => sameModel);
  const closest = same.filter(({ sameThreads }) => sameThreads);
  return closest.length > 0 ? closest : same.length > 0 ? same : runs;
}

/** Judges the time of trials by finished runs of the same model family on the same data; undefined where there are none. */
export function estimate(spec: SweepSpec, trials: readonly TrialPlan[], total: number): Estimate | undefined {
  if (spec.task.kind !== 'training') return undefined;
  const like = parseConfig(spec.task.settings);
  using tracker = openTracker({ home: atelierHome(), readonly: true });
  const finished = tracker.listRuns({ status: 'FINISHED', limit: MOST_RUNS });
  const runs = mostAlike(finished.flatMap(({ id }) => timed(tracker.getRun(id), like, threadsOf(spec))));
  if (runs.length === 0) return undefined;
  const secondsPerEpoch = median(runs.map((run) => run.secondsPerEpoch));
  const epochs = trials.map(({ config }) => Number(config['epochs'] ?? like.epochs));
  const meanEpochs = epochs.length === 0 ? like.epochs : epochs.reduce((a, b) => a + b, 0) / epochs.length;
  const trialSeconds = total * meanEpochs * secondsPerEpoch;
  const seconds = trialSeconds / Math.max(1, Math.min(spec.workers, total));
  return { trialSeconds, seconds, runs: runs.length, secondsPerEpoch };
}
