import { z } from 'zod';

const Json = z.json();

/** Makes a parameter conditional: it exists only where every named one has (one of) the values. */
const When = z.record(z.string().min(1), z.union([Json, z.array(Json)]));

const shared = { when: When.optional() };

/** One of a list of values, without order. */
export const ChoiceParameter = z.strictObject({
  kind: z.literal('choice'),
  values: z.array(Json).min(1),
  ...shared,
});

/** A whole number in `low .. high`, both included, in steps of `step` from `low`. */
export const IntParameter = z.strictObject({
  kind: z.literal('int'),
  low: z.int(),
  high: z.int(),
  step: z.int().min(1).default(1),
  /** Equal ratios are equally likely; asks for `low` >= 1 and `step` 1. */
  log: z.boolean().default(false),
  ...shared,
});

/** A number in `low .. high`; with `step`, one of `low, low + step, ...`. */
export const FloatParameter = z.strictObject({
  kind: z.literal('float'),
  low: z.number(),
  high: z.number(),
  step: z.number().positive().optional(),
  /** Equal ratios are equally likely; asks for `low` > 0 and no `step`. */
  log: z.boolean().default(false),
  ...shared,
});

export const ParameterSpec = z.discriminatedUnion('kind', [ChoiceParameter, IntParameter, FloatParameter]);
export type ParameterSpec = z.output<typeof ParameterSpec>;

export const SearchSpace = z.strictObject({
  /** By dotted path of the setting. */
  parameters: z.record(z.string().min(1), ParameterSpec),
  /** Comparisons that every point must meet: `optimizer.learningRate * batchSize <= 1`. */
  constraints: z.array(z.string().min(1)).default([]),
});
export type SearchSpace = z.output<typeof SearchSpace>;
