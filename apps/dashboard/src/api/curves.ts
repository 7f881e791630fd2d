import { z } from 'zod';

/** Questions about curves, and their answers. */
const list = (most: number) =>
  z
    .string()
    .min(1)
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .refine(
      (parts) => parts.length > 0 && parts.length <= most,
      `expected 1 to ${most}, separated by commas`,
    );

/** The most runs drawn or compared at once. */
export const MOST_RUNS = 500;

export const RunIds = list(MOST_RUNS).pipe(z.array(z.coerce.number<string>().int().positive()));

/** `time`: seconds since the run started; `images`: steps times the batch size. */
export const CurveAxis = z.enum(['step', 'epoch', 'time', 'images']);
export type CurveAxis = z.output<typeof CurveAxis>;

export const CurveViewsQuery = z.strictObject({
  runs: RunIds,
  /** Metric names, comma-separated. */
  keys: list(20),
  x: CurveAxis.default('step'),
  /** Steps, inclusive. */
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  /** At least this many points where there are as many; fewer than four times as many. */
  pixels: z.coerce.number().int().min(2).max(4000).default(800),
  /** Weight of the exponential mean, taken over every point before any is left out; 0: none. */
  smooth: z.coerce.number().min(0).max(0.9999).default(0),
  /** Whether `min` and `max` are wanted: behind many smoothed curves they are not drawn. */
  extremes: z.stringbool().default(true),
  /** Digits that the largest value of a column keeps, the others as many decimals; absent: all, exactly. */
  digits: z.coerce.number().int().min(3).max(15).optional(),
});
export type CurveViewsQuery = z.output<typeof CurveViewsQuery>;

const Column = z.array(z.number());
/** Null: not a finite number. */
const Values = z.array(z.number().nullable());

/** One curve in columns, each entry `span` neighbouring points (the last may hold fewer). */
export const CurveLine = z.strictObject({
  run: z.int(),
  key: z.string(),
  /** Points of the whole curve. */
  total: z.int(),
  span: z.int(),
  /** Step of the last point of each entry. */
  step: Column,
  /** Place on the axis asked for; null where that is the step. */
  x: Column.nullable(),
  last: Values,
  /** Exact extremes of each entry's finite values; null where an entry is one point, or where not wanted. */
  min: Values.nullable(),
  max: Values.nullable(),
  /** The exponential mean at the last point of each entry; null unless asked for, and for short curves. */
  smooth: Values.nullable(),
  /** Entries that hold NaN (1), infinity (2), minus infinity (4), or several (sum): `[entry, kind]`. */
  odd: z.array(z.tuple([z.int(), z.int()])),
});
export type CurveLine = z.output<typeof CurveLine>;

export const CurveViews = z.strictObject({
  lines: z.array(CurveLine),
  /** Runs asked for that there are not. */
  unknown: z.array(z.int()),
  /** Runs whose axis could not be had (no batch size, no epoch), drawn nowhere. */
  withoutAxis: z.array(z.int()),
});
export type CurveViews = z.output<typeof CurveViews>;

export const CurveKeysQuery = z.strictObject({ runs: RunIds });

/** Names of all curves of these runs (of the first 20 where there are more). */
export const CurveKeys = z.strictObject({ keys: z.array(z.string()) });
export type CurveKeys = z.output<typeof CurveKeys>;
