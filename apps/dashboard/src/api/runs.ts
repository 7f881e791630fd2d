import { z } from 'zod';
import { RunRow } from './schema.ts';

/** The run table: its order as ids, its rows as they come into sight. */

const Filter = z.string().max(4000).default('');
/** `val/accuracy` descending, `-val/accuracy` ascending; several separated by commas outside of brackets. */
const Sort = z.string().max(400).default('');
const Flag = z.enum(['0', '1']).transform((flag) => flag === '1');

export const OrderQuery = z.strictObject({ filter: Filter, sort: Sort, trash: Flag.default(false) });
export type OrderQuery = z.output<typeof OrderQuery>;

/** Ids of all runs of a filter, in order. */
export const RunOrder = z.strictObject({ ids: z.array(z.int()) });
export type RunOrder = z.output<typeof RunOrder>;

const IdList = z
  .string()
  .regex(/^\d{1,10}(,\d{1,10}){0,499}$/, 'expected up to 500 ids such as 4,8,15')
  .transform((list) => list.split(',').map(Number));

const NAMES = 'a JSON list of names such as ["val/accuracy","seed"]';

const Names = z
  .string()
  .max(8000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.issues.push({ code: 'custom', message: `expected ${NAMES}, got ${text}`, input: text });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string(), `expected ${NAMES}`).max(60));

/**
 * `columns`: a JSON list of metrics, parameters and other fields. `unknown`: what becomes of one that no run has; a page whose
 * first run has only just begun asks for columns that are still to come.
 */
export const RowsQuery = z.strictObject({
  ids: IdList,
  columns: Names.default([]),
  unknown: z.enum(['refuse', 'omit']).default('refuse'),
});

export const TableRow = RunRow.extend({
  notes: z.string().nullable(),
  columns: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type TableRow = z.output<typeof TableRow>;

export const RunRows = z.strictObject({ runs: z.array(TableRow) });
export type RunRows = z.output<typeof RunRows>;

export const SparklineQuery = z.strictObject({ ids: IdList, key: z.string().min(1).max(200) });

/** By run: the curve's last value in each of up to 40 stretches; null for what is not finite. */
export const Sparklines = z.strictObject({
  curves: z.record(z.string(), z.array(z.number().nullable())),
});
export type Sparklines = z.output<typeof Sparklines>;

export const CompleteQuery = z.strictObject({
  text: z.string().max(4000),
  cursor: z.coerce.number().int().min(0).optional(),
});

export const Completion = z.strictObject({
  from: z.int(),
  to: z.int(),
  options: z.array(z.strictObject({ text: z.string(), about: z.string() })),
});
export type Completion = z.output<typeof Completion>;

/** Names that can be columns. */
export const FieldNames = z.strictObject({ metrics: z.array(z.string()), parameters: z.array(z.string()) });
export type FieldNames = z.output<typeof FieldNames>;

const Spread = z.strictObject({
  n: z.int(),
  mean: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

export const Family = z.strictObject({
  family: z.string(),
  project: z.string(),
  name: z.string(),
  runs: z.array(z.strictObject({ id: z.int(), name: z.string() })),
  metrics: z.record(z.string(), Spread),
});
export type Family = z.output<typeof Family>;
export const Families = z.strictObject({ families: z.array(Family) });
export type Families = z.output<typeof Families>;

/** What people may change of a run. `notesWere` is the text they started from. */
export const RunChange = z.strictObject({
  addTags: z.array(z.string().max(1000)).max(50).optional(),
  removeTags: z.array(z.string().max(1000)).max(50).optional(),
  notes: z.string().max(100_000).nullable().optional(),
  notesWere: z.string().nullable().optional(),
});
export type RunChange = z.output<typeof RunChange>;

export const RunIds = z.strictObject({ ids: z.array(z.int().positive()).min(1).max(10_000) });
export type RunIds = z.output<typeof RunIds>;

export const Done = z.strictObject({ done: z.literal(true) });
export type Done = z.output<typeof Done>;

export const SavedView = z.strictObject({ name: z.string().min(1).max(80), query: z.string().max(4000) });
export type SavedView = z.output<typeof SavedView>;
export const SavedViews = z.strictObject({ views: z.array(SavedView) });
export type SavedViews = z.output<typeof SavedViews>;
export const ViewName = z.strictObject({ name: z.string().min(1).max(80) });
