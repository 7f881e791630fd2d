import { z } from 'zod';
import { didYouMean } from './errors.ts';

const Json = z.json();

/** Makes a parameter conditional: it exists only where every named one has (one of) the values. */
const When = z.record(z.string().min(1), z.union([Json, z.array(Json)]));

const shared = { when: When.optional() };

/** A strict object that names the nearest field for a misspelt one. */
function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? (issue.keys as string[])
            .map((key) => `unknown field "${key}".${didYouMean(key, known)} Known: ${known.join(', ')}`)
            .join('; ')
        : undefined,
  });
}

/** One of a list of values, without order. */
export const ChoiceParameter = strict({
  kind: z.literal('choice'),
  values: z.array(Json).min(1),
  ...shared,
});

/** A whole number in `low .. high`, both included, in steps of `step` from `low`. */
export const IntParameter = strict({
  kind: z.literal('int'),
  low: z.int(),
  high: z.int(),
  step: z.int().min(1).default(1),
  /** Equal ratios are equally likely; asks for `low` >= 1 and `step` 1. */
  log: z.boolean().default(false),
  ...shared,
});

/** A number in `low .. high`; with `step`, one of `low, low + step, ...`. */
export const FloatParameter = strict({
  kind: z.literal('float'),
  low: z.number(),
  high: z.number(),
  step: z.number().positive().optional(),
  /** Equal ratios are equally likely; asks for `low` > 0 and no `step`. */
  log: z.boolean().default(false),
  ...shared,
});

const KINDS = ['choice', 'int', 'float'];

export const ParameterSpec = z.discriminatedUnion('kind', [ChoiceParameter, IntParameter, FloatParameter], {
  error: (issue) => unknownKind('parameter', issue.input, KINDS),
});
export type ParameterSpec = z.output<typeof ParameterSpec>;

/** Message for a `kind` that is none of `known`: what came, what is near, what there is. */
export function unknownKind(what: string, input: unknown, known: readonly string[]): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const kind = (input as { kind?: unknown }).kind;
  if (typeof kind !== 'string') return `a ${what} needs a "kind": ${known.join(', ')}`;
  return `no ${what} of kind "${kind}".${didYouMean(kind, known)} Known: ${known.join(', ')}`;
}

export const SearchSpace = strict({
  /** By dotted path of the setting. */
  parameters: z.record(z.string().min(1), ParameterSpec),
  /** Comparisons that every point must meet: `optimizer.learningRate * batchSize <= 1`. */
  constraints: z.array(z.string().min(1)).default([]),
});
export type SearchSpace = z.output<typeof SearchSpace>;
