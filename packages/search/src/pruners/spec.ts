import { nearest } from '@atelier/base';
import { z } from 'zod';

/** Settings that the median and percentile pruners share. Names as in Optuna, in camel case. */
const quantile = {
  /** Trials that must have completed before any is pruned. */
  startupTrials: z.int().min(0).default(5),
  /** No trial is pruned before this step. */
  warmupSteps: z.int().min(0).default(0),
  /** Steps between two looks, counted from `warmupSteps`. */
  interval: z.int().min(1).default(1),
  /** Completed trials that must have a report at the step looked at. */
  minTrials: z.int().min(1).default(1),
};

const NoPruner = z.strictObject({ kind: z.literal('none') });
export const MedianPruner = z.strictObject({ kind: z.literal('median'), ...quantile });
export const PercentilePruner = z.strictObject({
  kind: z.literal('percentile'),
  /** Share of the trials that goes on, in percent: 25 keeps the best quarter. */
  percentile: z.number().min(0).max(100).default(25),
  ...quantile,
});
export type QuantileSettings = z.output<typeof PercentilePruner>;

export const AshaPruner = z.strictObject({
  kind: z.enum(['asha', 'successive-halving']),
  /** Step of the first rung; `auto` is a hundredth of the steps of the first completed trial, at least 1. */
  minResource: z.union([z.int().min(1), z.literal('auto')]).default('auto'),
  /** One in so many goes on at each rung; rungs lie a factor of this apart. */
  reductionFactor: z.int().min(2).default(4),
  /** Rungs left out at the beginning. */
  minEarlyStoppingRate: z.int().min(0).default(0),
  /** Trials that stop at a rung before the first may pass it. `reductionFactor - 1` is the paper's promotion rule. */
  bootstrapCount: z.int().min(0).default(0),
  /** `halving` ranks among all at the rung, as Optuna; `quantile` against the others' quantile, as Ray Tune. */
  rule: z.enum(['halving', 'quantile']).default('halving'),
});
export type AshaSettings = z.output<typeof AshaPruner>;

export const HyperbandPruner = z.strictObject({
  kind: z.literal('hyperband'),
  minResource: z.int().min(1).default(1),
  /** Steps of a whole trial; `auto` is what the first completed trial had. */
  maxResource: z.union([z.int().min(1), z.literal('auto')]).default('auto'),
  reductionFactor: z.int().min(2).default(3),
  bootstrapCount: z.int().min(0).default(0),
});
export type HyperbandSettings = z.output<typeof HyperbandPruner>;

const Wrapped = z.discriminatedUnion('kind', [MedianPruner, PercentilePruner, AshaPruner, HyperbandPruner]);

export const PatiencePruner = z.strictObject({
  kind: z.literal('patience'),
  /** Reports without improvement that are borne. */
  patience: z.int().min(0).default(3),
  /** What counts as no worse. */
  minDelta: z.number().min(0).default(0),
  /** Asked once patience is at an end; without one the trial is pruned then. */
  wrapped: Wrapped.optional(),
});
export type PatienceSettings = z.output<typeof PatiencePruner>;

/** How a false-prune rate is shared out over looks: see `spentAlpha`. */
export const Spending = z.enum(['obrien-fleming', 'pocock', 'linear']);
export type Spending = z.output<typeof Spending>;

export const RacingPruner = z.strictObject({
  kind: z.literal('racing'),
  /** Probability, over all its looks, that a candidate as good as the best so far is pruned. */
  alpha: z.number().gt(0).lt(1).default(0.05),
  /** Looks at most per candidate: usually the epochs over `interval`. Later ones have no alpha left. */
  looks: z.int().min(1).default(10),
  spending: Spending.default('pocock'),
  /** No look before this step. */
  warmupSteps: z.int().min(0).default(0),
  interval: z.int().min(1).default(1),
});
export type RacingSettings = z.output<typeof RacingPruner>;

/** What users type. */
export const PRUNER_KINDS = [
  'none',
  'median',
  'percentile',
  'asha',
  'successive-halving',
  'hyperband',
  'patience',
  'racing',
] as const;

function unknownKind(input: unknown): string | undefined {
  const kind = (input as { kind?: unknown } | null)?.kind;
  const known = `pruners are ${PRUNER_KINDS.join(', ')}`;
  if (typeof kind !== 'string') return `a pruner needs a kind: ${known}`;
  if ((PRUNER_KINDS as readonly string[]).includes(kind)) return undefined;
  return `unknown pruner '${kind}', did you mean '${nearest(kind, PRUNER_KINDS)}'? ${known}`;
}

export const PrunerSpec = z.discriminatedUnion(
  'kind',
  [NoPruner, MedianPruner, PercentilePruner, AshaPruner, HyperbandPruner, PatiencePruner, RacingPruner],
  { error: (issue) => unknownKind(issue.input) },
);
export type PrunerSpec = z.output<typeof PrunerSpec>;
