import { z } from 'zod';

/** What may be asked: every path and query of the API, parsed. */
export const RunId = z.strictObject({ id: z.coerce.number().int().positive() });

export const ArtifactPath = RunId.extend({ path: z.string().min(1).max(1024) });

/** The splits that are evaluated; a run stores a prediction ledger for each. */
export const EvaluatedSplit = z.enum(['val', 'test']);
export type EvaluatedSplit = z.output<typeof EvaluatedSplit>;

export const SplitQuery = z.strictObject({ split: EvaluatedSplit.default('test') });

export const CurvesQuery = z.strictObject({
  afterSeq: z.coerce.number().int().min(0).optional(),
  /** Comma-separated metric names; absent: all. */
  keys: z
    .string()
    .transform((keys) => keys.split(',').filter((key) => key !== ''))
    .optional(),
});

export const SampleKind = z.enum(['wrong', 'right', 'all']);
export type SampleKind = z.output<typeof SampleKind>;

/** `sure`: highest confidence first; `unsure`: lowest first; `index`: as the split has them. */
export const SampleOrder = z.enum(['sure', 'unsure', 'index']);
export type SampleOrder = z.output<typeof SampleOrder>;

const ClassIndex = z.coerce.number().int().min(0).max(255);

export const SamplesQuery = z.strictObject({
  split: EvaluatedSplit.default('test'),
  kind: SampleKind.default('wrong'),
  order: SampleOrder.default('sure'),
  true: ClassIndex.optional(),
  predicted: ClassIndex.optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(48),
});
export type SamplesQuery = z.output<typeof SamplesQuery>;

export const ImagePath = z.strictObject({
  digest: z.string().min(1).max(128),
  split: EvaluatedSplit,
  index: z.coerce.number().int().min(0),
});

export const SheetPath = ImagePath.omit({ index: true });

/** `i`: positions within the split, comma-separated, at most 200. */
export const SheetQuery = z.strictObject({
  i: z
    .string()
    .regex(/^\d{1,8}(,\d{1,8}){0,199}$/, 'expected up to 200 positions such as 4,8,15')
    .transform((list) => list.split(',').map(Number)),
});
