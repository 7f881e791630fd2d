import { RUN_STATUSES } from '@atelier/base';
import { z } from 'zod';
import { EvaluatedSplit } from './query.ts';

/** What the API answers. The page takes its types from here; tests parse every answer with it. */

/** NaN and infinities arrive as null: JSON has neither. */
const Value = z.number().nullable();
const Share = z.number().min(0).max(1);

export const RunState = z.enum(RUN_STATUSES);
export type RunState = z.output<typeof RunState>;

export const Git = z.strictObject({ commit: z.string(), branch: z.string(), dirty: z.boolean() });

/** One line of the run list. Times in epoch milliseconds. */
export const RunRow = z.strictObject({
  id: z.int(),
  project: z.string(),
  group: z.string().nullable(),
  name: z.string(),
  status: RunState,
  tags: z.array(z.string()),
  engine: z.string(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  durationMs: z.number().nullable(),
  /** Epochs done and epochs planned. */
  epochs: z.strictObject({ done: z.number().nullable(), planned: z.number().nullable() }),
  git: Git.nullable(),
  metrics: z.record(z.string(), Value),
});
export type RunRow = z.output<typeof RunRow>;

export const Artifact = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  size: z.number(),
  mediaType: z.string(),
  createdAt: z.number(),
});
export type Artifact = z.output<typeof Artifact>;

export const RunDetail = RunRow.extend({
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  environment: z.strictObject({
    machine: z.strictObject({
      cpu: z.string(),
      cores: z.number(),
      memoryBytes: z.number(),
      platform: z.string(),
      arch: z.string(),
    }),
    node: z.string(),
    engine: z.strictObject({
      name: z.string(),
      version: z.string(),
      threads: z.number(),
      precision: z.string(),
      arithmetic: z.string().optional(),
    }),
    command: z.array(z.string()),
  }),
  notes: z.string().nullable(),
  /** Lists and comparisons leave it out until it is restored. */
  archived: z.boolean(),
  error: z.strictObject({ code: z.string(), message: z.string(), step: z.number().nullable() }).nullable(),
  datasetDigest: z.string().nullable(),
  artifacts: z.array(Artifact),
  /** The splits with a prediction ledger. */
  evaluated: z.array(EvaluatedSplit),
});
export type RunDetail = z.output<typeof RunDetail>;

export const CurvePoint = z.strictObject({ step: z.number(), epoch: z.number().nullable(), value: Value });
export type CurvePoint = z.output<typeof CurvePoint>;

/** `seq` is what to ask for next time as `afterSeq`. */
export const Curves = z.strictObject({
  seq: z.number(),
  curves: z.array(z.strictObject({ key: z.string(), points: z.array(CurvePoint) })),
});
export type Curves = z.output<typeof Curves>;

/** Null where nobody can know: of a class without samples. */
export const Scores = z.strictObject({
  precision: Share.nullable(),
  recall: Share.nullable(),
  f1: Share.nullable(),
  support: z.number(),
});
export type Scores = z.output<typeof Scores>;

/** Computed from the prediction ledger. `counts[true][predicted]`. */
export const Evaluation = z.strictObject({
  split: EvaluatedSplit,
  checkpoint: z.string(),
  dataset: z.strictObject({ digest: z.string(), name: z.string(), height: z.number(), width: z.number() }),
  classNames: z.array(z.string()),
  count: z.number(),
  counts: z.array(z.array(z.number())),
  accuracy: Share,
  loss: Value,
  perClass: z.array(Scores),
  macro: Scores,
  weighted: Scores,
});
export type Evaluation = z.output<typeof Evaluation>;

/** `index`: position within the split; `confidence`: the probability of the predicted class. */
export const Sample = z.strictObject({
  index: z.int(),
  true: z.int(),
  predicted: z.int(),
  confidence: z.number(),
  probabilities: z.array(z.number()),
});
export type Sample = z.output<typeof Sample>;

export const SamplePage = z.strictObject({ total: z.int(), offset: z.int(), samples: z.array(Sample) });
export type SamplePage = z.output<typeof SamplePage>;

export const Layer = z.strictObject({
  name: z.string(),
  type: z.string(),
  outputShape: z.array(z.number().nullable()),
  params: z.number(),
  /** Absent in runs of earlier versions. */
  flops: z.number().optional(),
  trainable: z.boolean(),
});
export const Layers = z.strictObject({
  layers: z.array(Layer),
  params: z.number(),
  trainableParams: z.number(),
  flops: z.number().optional(),
});
export type Layers = z.output<typeof Layers>;

export const Problem = z.strictObject({
  code: z.string(),
  message: z.string(),
  /** The filter, sorting or column that is meant; where in it, counted from 0; and why, in one line. */
  query: z.string().optional(),
  at: z.int().optional(),
  end: z.int().optional(),
  reason: z.string().optional(),
  /** A run's notes as somebody else has left them. */
  notes: z.string().nullable().optional(),
});
export type Problem = z.output<typeof Problem>;

/** Server-sent event `change`: the runs that changed since the last one; with `purged` others are gone for good. */
export const Change = z.strictObject({ runs: z.array(z.int()), purged: z.boolean() });
export type Change = z.output<typeof Change>;
