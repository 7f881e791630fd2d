import { RUN_STATUSES } from '@atelier/base';
import { Evidence } from '@atelier/metrics';
import { z } from 'zod';
import { EvaluatedSplit } from './query.ts';

/** Comparing two runs sample by sample: what may be asked, and what is answered. Every difference is B minus A. */
const RunId = z.coerce.number().int().positive();
const ClassIndex = z.coerce.number().int().min(0).max(255);

export const PairQuery = z.strictObject({ a: RunId, b: RunId, split: EvaluatedSplit.default('test') });
export type PairQuery = z.output<typeof PairQuery>;

/** The four stacks of samples: wrong then right, right then wrong, wrong in both, right in both. */
export const STACKS = ['fixed', 'broken', 'bothWrong', 'bothRight'] as const;
export const StackName = z.enum(STACKS);
export type StackName = z.output<typeof StackName>;

/** `true` and `predicted`: one cell, as A or B had it. `stack`: only that one, from `offset` on. */
export const StacksQuery = PairQuery.extend({
  true: ClassIndex.optional(),
  predicted: ClassIndex.optional(),
  stack: StackName.optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(96).default(12),
});
export type StacksQuery = z.output<typeof StacksQuery>;

export const ReportQuery = PairQuery.extend({ format: z.enum(['md', 'html']).default('md') });

export const ComparedSide = z.strictObject({
  runId: z.int(),
  runName: z.string(),
  checkpoint: z.string(),
  /** `[true][predicted]` */
  matrix: z.array(z.array(z.int())),
  /** Runs of the same configuration but the seed, judged on the same samples; itself among them. */
  seeds: z.array(z.strictObject({ runId: z.int(), seed: z.number(), accuracy: z.number() })),
});
export type ComparedSide = z.output<typeof ComparedSide>;

export const Comparison = z.strictObject({
  split: EvaluatedSplit,
  dataset: z.strictObject({ digest: z.string(), name: z.string(), classNames: z.array(z.string()) }),
  a: ComparedSide,
  b: ComparedSide,
  evidence: Evidence,
  outcome: z.enum(['better', 'worse', 'undecided']),
  /** In plain sentences, the most important first. */
  verdict: z.array(z.string()),
  /** How often the split has been asked to decide; null where that is not counted. */
  uses: z.int().nullable(),
  /** `[true][answer of A][answer of B]`: where the answers went. */
  flow: z.array(z.array(z.array(z.int()))),
});
export type Comparison = z.output<typeof Comparison>;

const Answer = z.strictObject({ predicted: z.int(), probabilities: z.array(z.number()) });

/** One image with what both runs said of it. `index`: position within the split. */
export const PairedSample = z.strictObject({ index: z.int(), true: z.int(), a: Answer, b: Answer });
export type PairedSample = z.output<typeof PairedSample>;

export const Stack = z.strictObject({ name: StackName, total: z.int(), samples: z.array(PairedSample) });
export type Stack = z.output<typeof Stack>;

export const StackSet = z.strictObject({ offset: z.int(), stacks: z.array(Stack) });
export type StackSet = z.output<typeof StackSet>;

const MOST_COMPARED = 500;

/** `runs`: ids, comma-separated, at most 500. */
export const RunSetQuery = z.strictObject({
  runs: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/, 'expected ids of runs such as 3,7,12')
    .transform((list) => [...new Set(list.split(',').map(Number))])
    .refine((ids) => ids.length <= MOST_COMPARED, `at most ${MOST_COMPARED} runs can be compared at once`),
});

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const ComparedRun = z.strictObject({
  id: z.int(),
  name: z.string(),
  project: z.string(),
  status: z.enum(RUN_STATUSES),
  /** Runs that differ in nothing but seeds share it. */
  family: z.string().nullable(),
  evaluated: z.array(EvaluatedSplit),
  /** NaN and infinities are null. */
  metrics: z.record(z.string(), z.number().nullable()),
});
export type ComparedRun = z.output<typeof ComparedRun>;

export const RunSet = z.strictObject({
  runs: z.array(ComparedRun),
  /** Asked for, but not there (any more). */
  missing: z.array(z.int()),
  /** One value per run, in their order; null where a run has no such parameter. `differs`: not all are the same. */
  parameters: z.array(z.strictObject({ name: z.string(), differs: z.boolean(), values: z.array(Value) })),
});
export type RunSet = z.output<typeof RunSet>;
