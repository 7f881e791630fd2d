import { AugmentSpec, ViewsSpec } from '@atelier/data';
import { ENGINE_NAMES } from '@atelier/engine';
import { ModelSpec } from '@atelier/model';
import { z } from 'zod';

export const DEFAULT_DATASET = 'fashion-mnist';
const Seed = z.int().min(0).max(0xffff_ffff);
const Monitor = z.enum(['val/loss', 'val/accuracy']);
const Beta = z.number().min(0).lt(1);
const LearningRate = z.number().positive();
/** Added to the divisor of Adam's step; Keras's default. */
const EPSILON = 1e-7;

const adamSettings = {
  learningRate: LearningRate.default(0.001),
  beta1: Beta.default(0.9),
  beta2: Beta.default(0.999),
  epsilon: z.number().positive().default(EPSILON),
};

/** How weights move; a registry of the kinds stands in optimizer.ts. */
export const OptimizerSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('adam'), ...adamSettings }),
  z.strictObject({
    kind: z.literal('adamw'),
    ...adamSettings,
    /** Of kernels; biases and norms do not decay. Keras's and PyTorch's default are 0.004 and 0.01. */
    weightDecay: z.number().min(0).default(0.01),
  }),
  z.strictObject({
    kind: z.literal('sgd'),
    learningRate: LearningRate.default(0.01),
    momentum: Beta.default(0),
    nesterov: z.boolean().default(false),
  }),
  /** `sgd` with momentum, under its former name. */
  z.strictObject({
    kind: z.literal('momentum'),
    learningRate: LearningRate.default(0.01),
    momentum: Beta.default(0.9),
    nesterov: z.boolean().default(false),
  }),
]);
export type OptimizerSpec = z.output<typeof OptimizerSpec>;

/** Epochs in which the rate rises from 0 in a straight line; may be a fraction. */
const warmupEpochs = z.number().min(0).default(0);
/** Of the rate, at the last step. */
const finalFactor = z.number().min(0).max(1).default(0);

/** What the learning rate is multiplied by from step to step; schedule.ts has the formulas. */
export const ScheduleSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmupEpochs }),
  z.strictObject({
    kind: z.literal('step'),
    warmupEpochs,
    everyEpochs: z.number().positive(),
    factor: z.number().gt(0).lt(1).default(0.1),
  }),
  z.strictObject({ kind: z.literal('cosine'), warmupEpochs, finalFactor }),
  z.strictObject({
    kind: z.literal('polynomial'),
    warmupEpochs,
    power: z.number().positive().default(1),
    finalFactor,
  }),
  z.strictObject({
    kind: z.literal('triangular'),
    warmupEpochs,
    /** Up and down once. */
    cycleEpochs: z.number().positive(),
    /** Of the rate, at the ends of a cycle. */
    floorFactor: z.number().min(0).max(1).default(0.1),
  }),
  z.strictObject({
    kind: z.literal('one-cycle'),
    /** The part of the training in which the rate rises. */
    peakAt: z.number().gt(0).lt(1).default(0.3),
    /** Of the rate, at the first step. */
    startFactor: z.number().gt(0).max(1).default(0.04),
    /** Of the rate, at the last step. */
    finalFactor: z.number().min(0).max(1).default(4e-6),
  }),
]);
export type ScheduleSpec = z.output<typeof ScheduleSpec>;

/** Ends training when the monitored number has not improved for `patience` epochs; the best weights come back. */
export const EarlyStopping = z.strictObject({
  monitor: Monitor.default('val/loss'),
  patience: z.int().min(1).default(5),
  /** A smaller change is no improvement. */
  minDelta: z.number().min(0).default(0),
});
export type EarlyStopping = z.output<typeof EarlyStopping>;

/** Multiplies the learning rate by `factor` after `patience` epochs without improvement. */
export const ReduceOnPlateau = z.strictObject({
  monitor: Monitor.default('val/loss'),
  patience: z.int().min(1).default(2),
  minDelta: z.number().min(0).default(1e-4),
  factor: z.number().gt(0).lt(1).default(0.5),
  minLearningRate: z.number().min(0).default(1e-6),
});
export type ReduceOnPlateau = z.output<typeof ReduceOnPlateau>;

/** Which average of the weights is judged and kept in their place; average.ts has the formulas. */
export const AverageSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ema'), decay: z.number().gt(0).lt(1).default(0.998) }),
  z.strictObject({
    kind: z.literal('swa'),
    /** The first epoch whose steps count; may be a fraction. */
    fromEpoch: z.number().min(1),
  }),
  z.strictObject({
    kind: z.literal('lookahead'),
    steps: z.int().min(2).default(5),
    rate: z.number().gt(0).max(1).default(0.5),
  }),
]);
export type AverageSpec = z.output<typeof AverageSpec>;

interface Timed {
  readonly epochs: number;
  readonly schedule: ScheduleSpec;
  readonly optimizer: OptimizerSpec;
  readonly average: AverageSpec | null;
}

/** Settings that are right alone but not together. */
function* contradictions({ epochs, schedule, optimizer, average }: Timed): Generator<[string[], string]> {
  if ('warmupEpochs' in schedule && schedule.warmupEpochs > 0 && schedule.warmupEpochs >= epochs)
    yield [
      ['schedule', 'warmupEpochs'],
      `expected less than the ${epochs} epochs of the training, got ${schedule.warmupEpochs}`,
    ];
  if (average?.kind === 'swa' && average.fromEpoch >= epochs + 1)
    yield [
      ['average', 'fromEpoch'],
      `expected one of the ${epochs} epochs of the training, got ${average.fromEpoch}`,
    ];
  if ('nesterov' in optimizer && optimizer.nesterov && optimizer.momentum === 0)
    yield [['optimizer', 'nesterov'], 'expected a momentum above 0 with it, got 0'];
}

/** Everything that decides what a training run computes. A run stores it whole, so that it can be run again. */
export const TrainConfig = z
  .strictObject({
    /** Absent where settings are written: the name of the data set. */
    project: z.string().trim().min(1),
    data: z.strictObject({
      /** A built-in data set, or the path of a descriptor. */
      dataset: z.string().min(1).default(DEFAULT_DATASET),
      /** Images carved out of the training split; below 1 a share of it. Absent: a fifth, 5,000 at most. */
      validation: z.union([z.int().min(1), z.number().gt(0).lt(1)]).optional(),
      splitSeed: Seed.default(1),
    }),
    model: ModelSpec,
    optimizer: OptimizerSpec,
    /** Multiplies optimizer.learningRate, as reduceOnPlateau does. */
    schedule: ScheduleSpec.prefault({ kind: 'constant' }),
    /** Of the learning rate, by layer name (or its beginning and `*`); layers that none names have 1, 0 freezes. */
    layerRates: z.record(z.string().min(1), z.number().min(0)).default({}),
    /** Gradients longer than this (their norm over all parameters) are scaled down to it. */
    clipNorm: z.number().positive().nullable().default(null),
    /** What is judged and kept in place of the weights; null: the weights themselves. */
    average: AverageSpec.nullable().default(null),
    /** Share of the target spread evenly over all classes; train/loss is then the smoothed one. */
    labelSmoothing: z.number().min(0).lt(1).default(0),
    epochs: z.int().min(1).default(5),
    batchSize: z.int().min(1).default(128),
    /** Steps between two checkpoints within an epoch; there is one at the end of each in any case. */
    checkpointSteps: z.int().min(1).nullable().default(null),
    /** What is done to training images; null: nothing. */
    augment: AugmentSpec.nullable().default(null),
    /** Views of an image that test and validation are judged by after training; null: the image alone. */
    evaluation: ViewsSpec.nullable().default(null),
    /** Of initial weights, shuffling, dropout and augmentation. */
    seed: Seed.default(1),
    earlyStopping: EarlyStopping.nullable().default(null),
    reduceOnPlateau: ReduceOnPlateau.nullable().default(null),
    engine: z
      .strictObject({
        name: z.enum(['auto', ...ENGINE_NAMES]).default('auto'),
        /** Absent: all cores. */
        threads: z.int().min(1).max(1024).optional(),
        precision: z.enum(['fp32', 'bf16']).default('fp32'),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    for (const [path, message] of contradictions(config)) context.addIssue({ code: 'custom', path, message });
  });
export type TrainConfig = z.output<typeof TrainConfig>;
