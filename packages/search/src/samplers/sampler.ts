import { z } from 'zod';
import { unknownKind } from '../space.ts';
import type { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial } from '../trial.ts';

/** Every cell once, in canonical order. */
export const GridSampler = z.strictObject({ kind: z.literal('grid') });

/** Independent uniform points (uniform in the logarithm where a parameter says so). */
export const RandomSampler = z.strictObject({ kind: z.literal('random') });

/** Points of low discrepancy (Sobol, Joe and Kuo's directions). */
export const SobolSampler = z.strictObject({
  kind: z.literal('sobol'),
  /** A random linear matrix scramble and digital shift (Matousek 1998) by the seed; without, the plain sequence from its origin. */
  scramble: z.boolean().default(true),
});

/** Points of low discrepancy (Halton). */
export const HaltonSampler = z.strictObject({
  kind: z.literal('halton'),
  /** A random permutation of the digits at each place (Owen 2017) by the seed; without, the plain sequence from its origin. */
  scramble: z.boolean().default(true),
});

/** Tree-structured Parzen estimator (Bergstra et al. 2011, 2013; Watanabe 2023). */
export const TpeSampler = z.strictObject({
  kind: z.literal('tpe'),
  /**
   * One joint density over the parameters that exist together, instead of one density each. Unless given: with one objective, where
   * it found better points on nearly all functions tried (bench/samplers.ts); Optuna 5 does the same.
   */
  multivariate: z.boolean().optional(),
  /** Random points until so many trials have finished. */
  startupTrials: z.int().min(0).default(10),
  /** Points drawn from the good trials' density, of which the best ratio wins. */
  candidates: z.int().min(1).default(24),
  /** Kernel width: the distance to the neighbours (Bergstra), or 0.2 n^(-1/(d+4)) of the range (Scott's rule, as BOHB). */
  bandwidth: z.enum(['neighbours', 'scott']).default('neighbours'),
  /** Lets the ends of the range count as neighbours of the outermost kernels. */
  endpoints: z.boolean().default(false),
  /** Keeps kernels from growing narrower than range / min(100, n + 1). */
  magicClip: z.boolean().default(true),
  /** Weight of the prior (a kernel as wide as the range), where each of the trials weighs at most 1. */
  priorWeight: z.number().positive().default(1),
  /** Counts trials still running as bad ones, so that parallel workers spread out. */
  constantLiar: z.boolean().default(true),
});
export type TpeSampler = z.output<typeof TpeSampler>;

/** Covariance matrix adaptation (Hansen 2016, arXiv:1604.00772). Numbers only; choices and conditional parameters are drawn at random. */
export const CmaEsSampler = z.strictObject({
  kind: z.literal('cma-es'),
  /** Random points for the trials numbered below this. */
  startupTrials: z.int().min(0).default(1),
  /** First standard deviation, in parts of each range. */
  sigma: z
    .number()
    .positive()
    .default(1 / 6),
  /** Trials per generation; 4 + floor(3 ln d) unless given. */
  population: z.int().min(4).optional(),
});
export type CmaEsSampler = z.output<typeof CmaEsSampler>;

const options = [GridSampler, RandomSampler, SobolSampler, HaltonSampler, TpeSampler, CmaEsSampler] as const;

/** What a user may call for. */
export const SAMPLER_KINDS = options.map((option) => option.shape.kind.value);

export const SamplerSpec = z.discriminatedUnion('kind', options, {
  error: (issue) => unknownKind('sampler', issue.input, SAMPLER_KINDS),
});
export type SamplerSpec = z.output<typeof SamplerSpec>;

/** What every sampler is made for. */
export interface SamplerTask {
  readonly space: SearchSpace;
  readonly objectives: readonly Objective[];
  readonly seed: number;
}

export interface Sampler {
  /**
   * The point for trial `number`. A pure function of the arguments and of what the sampler was made with: asking again, or asking a
   * new sampler, gives the same point. What a sampler remembers between calls only saves work.
   * @param history trials so far in any state and order; the trial `number` itself is passed over.
   * @returns undefined where nothing is left to suggest (a grid that is done).
   */
  suggest(history: readonly Trial[], number: number): Parameters | undefined;
}
