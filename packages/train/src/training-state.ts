import { z } from 'zod';

const Count = z.int().min(0);
/** JSON has no NaN, which is what nothing seen yet is. */
const Watched = z.union([z.number(), z.null()]).transform((value) => value ?? Number.NaN);
const Patience = z.strictObject({ best: Watched, bestEpoch: Count, waited: Count });
const Totals = z.strictObject({ images: Count, lossSum: z.number(), correct: Count, seconds: z.number() });

/** Where a training stands between two steps, but for its tensors. */
export const TrainingProgress = z.strictObject({
  /** Steps done. */
  step: Count,
  /** The present epoch, from 1. */
  epoch: z.int().min(1),
  /** Batches of it that are done. */
  batches: Count,
  /** Before the schedule: lowered on plateaus. */
  baseRate: z.number(),
  stepSeconds: z.number(),
  /** Of the epoch so far, and of the steps since the last report. */
  totals: Totals,
  window: Totals.extend({ length: Count }),
  stopping: Patience,
  plateau: Patience,
});
export type TrainingProgress = z.output<typeof TrainingProgress>;

/**
 * Everything that a training needs to go on to exactly the weights it would have had: order and dropout of a step are pure
 * functions of the seed and the step.
 */
export interface TrainingState {
  readonly progress: TrainingProgress;
  /** Of the model, moving averages included, in its order. */
  readonly weights: readonly Float32Array[];
  /** What the step keeps besides: the optimizer's moments and averaged weights. */
  readonly optimizer: readonly Float32Array[];
  /** The weights to come back to, with early stopping; else none. */
  readonly best: readonly Float32Array[];
  /** What the weights that count so far give for the validation split; empty before the first epoch's end. */
  readonly probabilities: Float32Array;
}
