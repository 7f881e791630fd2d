import { checkAugment, type Splits } from '@atelier/data';
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

/** The largest power of two that still gives 8 steps an epoch, where a batch was meant for more data. */
function fittedBatchSize(batchSize: number, trainCount: number): number {
  if (batchSize <= trainCount) return batchSize;
  return 2 ** Math.max(Math.floor(Math.log2(trainCount / STEPS)), 0);
}

/**
 * The configuration with the sizes that its data give: a batch that the training split has images for.
 * @throws AugmentError where augmentation does not go with the images
 */
export function sizedFor(config: TrainConfig, { train, val }: Splits): TrainConfig {
  if (config.augment !== null) checkAugment(config.augment, train.source);
  return {
    ...config,
    data: { ...config.data, validation: val.count },
    batchSize: fittedBatchSize(config.batchSize, train.count),
  };
}
