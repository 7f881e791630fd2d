import { z } from 'zod';

/** Curves as they are drawn: summed up to the width of a chart, with exact extremes. */
const Step = z.coerce.number().int();

/** Metric names, comma-separated. */
const Keys = z
  .string()
  .min(1)
  .max(4000)
  .transform((keys) => keys.split(',').filter((key) => key !== ''));

export const CurveViewsQuery = z.strictObject({
  runs: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/, 'expected ids of runs such as 3,7,12')
    .transform((list) => [...new Set(list.split(',').map(Number))])
    .refine((ids) => ids.length <= 500, 'at most 500 runs can be drawn at once'),
  keys: Keys,
  from: Step.optional(),
  to: Step.optional(),
  /** At least this many buckets where there are as many points. */
  pixels: z.coerce.number().int().min(8).max(4000).default(600),
  /** Weight of the exponential moving mean, taken over all points; 0 for none. */
  smooth: z.coerce.number().min(0).max(0.9999).default(0),
});
export type CurveViewsQuery = z.output<typeof CurveViewsQuery>;

const Values = z.array(z.number().nullable());

/** One curve; arrays have an entry per bucket of `span` points. */
export const CurveColumns = z.strictObject({
  run: z.int(),
  key: z.string(),
  /** Points of the whole curve. */
  total: z.int(),
  span: z.int(),
  /** First and last step of each bucket. */
  from: z.array(z.number()),
  to: z.array(z.number()),
  /** Of the finite values; null where there is none. Left out where every bucket is one point. */
  min: Values.optional(),
  max: Values.optional(),
  /** The last value; null where it is not finite. */
  last: Values,
  /** Epoch milliseconds of the last point. */
  time: z.array(z.number()),
  /** Sums of `ODD`; left out where all values are finite. */
  odd: z.array(z.int()).optional(),
  /** The moving mean at the last point of each bucket. */
  smooth: Values.optional(),
});
export type CurveColumns = z.output<typeof CurveColumns>;

/** What turns a run's steps into epochs, images and seconds; null where it is not known. */
export const CurveRun = z.strictObject({
  id: z.int(),
  startedAt: z.number(),
  stepsPerEpoch: z.number().nullable(),
  batchSize: z.number().nullable(),
});
export type CurveRun = z.output<typeof CurveRun>;

export const CurveViews = z.strictObject({
  runs: z.array(CurveRun),
  missing: z.array(z.int()),
  curves: z.array(CurveColumns),
});
export type CurveViews = z.output<typeof CurveViews>;
