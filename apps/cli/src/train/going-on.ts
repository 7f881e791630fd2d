import { canonicalJson } from '@atelier/base';
import type { Run, RunWriter, Tracker } from '@atelier/tracker';
import {
  type Checkpoint,
  CheckpointMismatch,
  checkpointPath,
  parseConfig,
  readCheckpoint,
  type TrainConfig,
  type TrainingState,
} from '@atelier/train';

/** A run that is gone on from. */
export interface Origin {
  readonly run: Run;
  readonly checkpoint: Checkpoint;
  /** As it was recorded. */
  readonly config: TrainConfig;
}

/** Says how to go on with a run. */
export const resumeCommand = (runId: number): string => `npx atelier resume ${runId}`;

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, canonicalJson(value)]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`));
}

/** What differs between two configurations, as `path: was a, is b`. */
function differences(before: unknown, now: unknown): string[] {
  const [a, b] = [new Map(leaves(before, '')), new Map(leaves(now, ''))];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((path) => a.get(path) !== b.get(path))
    .map(
      (path) =>
        `${path}: ${a.get(path) ?? 'nothing'} in the checkpoint, ${b.get(path) ?? 'nothing'} in the run`,
    );
}

/**
 * What a run left to go on from.
 * @throws CheckpointMismatch where the run has ended by itself, still runs, or its checkpoint is another's; CheckpointInvalid
 */
export function originOf(tracker: Tracker, typed: string): Origin {
  const run = tracker.getRun(tracker.findRunId(typed));
  if (run.status === 'FINISHED')
    throw new CheckpointMismatch(`run ${run.id} (${run.name}) is finished: nothing is left to do`);
  if (run.status === 'RUNNING') throw new CheckpointMismatch(`run ${run.id} (${run.name}) still runs`);
  return originFrom(tracker, run);
}

/** The same for any run that has a checkpoint. */
export function originFrom(tracker: Tracker, run: Run): Origin {
  const checkpoint = readCheckpoint(checkpointPath(tracker.home, run.id));
  const other = differences(checkpoint.config, run.config);
  if (other.length > 0)
    throw new CheckpointMismatch(
      `the checkpoint of run ${run.id} is of another training:\n  ${other.slice(0, 8).join('\n  ')}`,
    );
  return { run, checkpoint, config: parseConfig(run.config) };
}

/** @throws CheckpointMismatch where the data is not what the checkpoint was made on */
export function checkData({ run, checkpoint }: Origin, digest: string): void {
  if (checkpoint.datasetDigest === digest) return;
  const dataset = (run.config['data'] as { dataset?: string } | undefined)?.dataset;
  throw new CheckpointMismatch(
    `the data set ${dataset} is not what run ${run.id} was trained on: its digest was ${checkpoint.datasetDigest}, is ${digest}`,
  );
}

/** Gives a run the curves of the one it goes on from, up to where it does. */
export function carryCurves(
  tracker: Tracker,
  { run: { id } }: Origin,
  { progress }: TrainingState,
  to: RunWriter,
): void {
  const curves = tracker.curves(id).curves.filter(({ key }) => !key.startsWith('system/'));
  const rows = new Map<
    string,
    { metrics: Record<string, number>; step: number; epoch: number | undefined }
  >();
  for (const { key, points } of curves) {
    for (const { step, epoch, value } of points) {
      if (step > progress.step || (epoch ?? 0) > progress.epoch) continue;
      const at = `${step}/${epoch}`;
      const row = rows.get(at) ?? { metrics: {}, step, epoch };
      row.metrics[key] = value;
      rows.set(at, row);
    }
  }
  const inOrder = [...rows.values()].sort((a, b) => a.step - b.step);
  for (const { metrics, step, epoch } of inOrder) to.log(metrics, { step, epoch });
}
