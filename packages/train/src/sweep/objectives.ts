import type { Objective } from '@atelier/search';
import { ObjectiveUnknown, SweepInvalid } from './errors.ts';
import type { SweepSpec } from './spec.ts';

type Direction = Objective['direction'];

/** Told after every epoch, so that pruners can watch them. */
const EPOCH_METRICS: Readonly<Record<string, Direction>> = {
  'val/accuracy': 'maximize',
  'val/loss': 'minimize',
  'train/accuracy': 'maximize',
  'train/loss': 'minimize',
};

/** Known at the end of a training. */
const FINAL_METRICS: Readonly<Record<string, Direction>> = {
  'val/macroF1': 'maximize',
  'val/weightedF1': 'maximize',
  'train/imagesPerSecond': 'maximize',
  trainSeconds: 'minimize',
  /** Numbers that training moves and keeps. */
  'model/parameters': 'minimize',
  /** Median milliseconds to classify one image. */
  'model/latencyMs': 'minimize',
};

const METRICS = { ...EPOCH_METRICS, ...FINAL_METRICS };

/** What a training can be searched for, and which way is better. */
export const TRAINING_METRICS: readonly string[] = Object.keys(METRICS);

export function isEpochMetric(metric: string): boolean {
  return metric in EPOCH_METRICS;
}

/**
 * Reads `val/accuracy` or `val/accuracy:maximize`.
 * @throws SweepInvalid where the direction is neither given nor known
 */
export function parseObjective(text: string): Objective {
  const [, metric, direction] = /^(.*?)(?::(\w+))?$/.exec(text.trim())!;
  const better = direction ?? METRICS[metric!];
  if (better === 'maximize' || better === 'minimize') return { metric: metric!, direction: better };
  const came = direction === undefined ? 'nothing' : `"${direction}"`;
  throw new SweepInvalid(
    'objectives',
    `is more or less of ${metric} better? expected ${metric}:maximize or ${metric}:minimize, got ${came}`,
  );
}

/**
 * Checks that trainings have what is looked for.
 * @throws ObjectiveUnknown; SweepInvalid for numbers of the test split, and for a pruner that could not see any number
 */
export function checkObjectives({ task, objectives, pruner }: SweepSpec): void {
  if (task.kind === 'function') return;
  for (const { metric } of objectives) {
    if (metric.startsWith('test/'))
      throw new SweepInvalid(
        'objectives',
        `${metric} would choose by the test split, which then says nothing any more: look for val/${metric.slice('test/'.length)}`,
      );
    if (!(metric in METRICS)) throw new ObjectiveUnknown(metric, TRAINING_METRICS);
  }
  const first = objectives[0]!.metric;
  if (pruner.kind !== 'none' && !isEpochMetric(first))
    throw new SweepInvalid(
      'pruner',
      `${pruner.kind} watches the first objective, and ${first} is known only at the end: put one of ${Object.keys(EPOCH_METRICS).join(', ')} first`,
    );
}
