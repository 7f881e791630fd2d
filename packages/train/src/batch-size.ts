import type { Splits } from '@atelier/data';
import type { TrainConfig } from './config.ts';
import { SettingInvalid } from './errors.ts';

/** Steps an epoch should have at least where a batch is chosen for it. */
const STEPS = 8;

/** @throws SettingInvalid where a batch would need more images than the training split has */
export function checkBatchSize(config: TrainConfig, splits: Splits): void {
  if (config.batchSize <= splits.train.count) return;
  throw new SettingInvalid(
    'batchSize',
    `expected at most the ${splits.train.count} training images, got ${config.batchSize}`,
  );
}

/** The batch of a recipe that was made for more data: the largest power of two that still gives 8 steps an epoch. */
export function fittedBatchSize(batchSize: number, trainCount: number): number {
  if (batchSize <= trainCount) return batchSize;
  return 2 ** Math.max(Math.floor(Math.log2(trainCount / STEPS)), 0);
}
