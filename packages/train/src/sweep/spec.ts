import { Objective, PrunerSpec, SamplerSpec, SearchSpace } from '@atelier/search';
import { z } from 'zod';

const Seed = z.int().min(0).max(0xffff_ffff);
const Settings = z.record(z.string(), z.json());

/** Trains a recipe for every trial. */
const TrainingTask = z.strictObject({
  kind: z.literal('training'),
  /** Where the settings came from: a name or a path, for people. */
  recipe: z.string().min(1),
  /** All settings of the recipe as overridden, before the space's are filled in. */
  settings: Settings,
});

/** Calls the default export of a module for every trial. */
const FunctionTask = z.strictObject({
  kind: z.literal('function'),
  /** Absolute path. */
  module: z.string().min(1),
});

export const SweepTask = z.discriminatedUnion('kind', [TrainingTask, FunctionTask]);
export type SweepTask = z.output<typeof SweepTask>;

/** How a sweep is carried out; changes no result, so it may change between resumes without a word. */
const execution = {
  /** Processes that run trials. */
  workers: z.int().min(1).max(256),
  /** Engine threads of each; null: the cores shared out among the workers. */
  threads: z.int().min(1).max(1024).nullable().default(null),
  /** How often a trial that failed, or whose worker died, is tried again. Fixed when the sweep is made. */
  retries: z.int().min(0).max(100).default(1),
  /** Seconds after which no trial is started any more; counts from each start. */
  timeLimit: z.number().positive().nullable().default(null),
};

/** A sweep in words: everything that decides which trials it has, and how they are carried out. */
export const SweepSpec = z.strictObject({
  name: z.string().trim().min(1).max(200),
  project: z.string().trim().min(1),
  task: SweepTask,
  space: SearchSpace,
  sampler: SamplerSpec,
  /** Of the sampler and the pruner. */
  seed: Seed.default(1),
  objectives: z.array(Objective).min(1),
  pruner: PrunerSpec,
  /** Every configuration is tried with each of these. */
  seeds: z.array(Seed).min(1).default([1]),
  /** At most so many trials, each seed of a configuration being one; null: as many as a grid has. */
  trials: z.int().min(1).nullable().default(null),
  ...execution,
});
export type SweepSpec = z.output<typeof SweepSpec>;

/** Paths of a spec that say only how it is carried out. */
export const EXECUTION_PATHS: readonly string[] = Object.keys(execution);
