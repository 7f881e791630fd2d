import { z } from 'zod';

/** The registry over HTTP: models, versions, aliases, gates, history. Times in epoch milliseconds. */

export const ModelName = z.strictObject({ name: z.string().min(1).max(200) });
const Text = z.string().trim().min(1).max(2000);

export const Version = z.strictObject({
  version: z.int(),
  runId: z.int(),
  runName: z.string(),
  checkpoint: z.string().nullable(),
  datasetDigest: z.string().nullable(),
  bytes: z.int(),
  filesSha256: z.string(),
  notes: z.string().nullable(),
  createdAt: z.number(),
  aliases: z.array(z.string()),
  /** Of its run: `test/accuracy` and others that it has. */
  metrics: z.record(z.string(), z.number().nullable()),
});
export type Version = z.output<typeof Version>;

export const Model = z.strictObject({
  name: z.string(),
  createdAt: z.number(),
  aliases: z.record(z.string(), z.int()),
  versions: z.array(Version),
});
export type Model = z.output<typeof Model>;
export const Models = z.strictObject({ models: z.array(Model) });
export type Models = z.output<typeof Models>;

export const Predicate = z.strictObject({
  predicate: z.string(),
  outcome: z.enum(['passed', 'failed', 'not applicable', 'unknown']),
  value: z.union([z.number(), z.string()]).nullable(),
  note: z.string().nullable(),
});
export type Predicate = z.output<typeof Predicate>;

/** One link of the history. */
export const ModelEvent = z.strictObject({
  seq: z.int(),
  at: z.number(),
  kind: z.enum(['registered', 'promoted', 'rolled-back', 'deleted']),
  version: z.int(),
  alias: z.string().nullable(),
  by: z.string(),
  hash: z.string(),
  /** Who held the alias before. */
  from: z.int().nullable(),
  reason: z.string().nullable(),
  gate: z.strictObject({ file: z.string(), text: z.string() }).nullable(),
  passed: z.boolean().nullable(),
  predicates: z.array(Predicate),
  smoke: z.string().nullable(),
  /** The evidence in words. */
  sentences: z.array(z.string()),
});
export type ModelEvent = z.output<typeof ModelEvent>;
export const History = z.strictObject({ events: z.array(ModelEvent) });
export type History = z.output<typeof History>;

export const Gates = z.strictObject({
  gates: z.array(z.strictObject({ file: z.string(), text: z.string() })),
});
export type Gates = z.output<typeof Gates>;

/** `gate`: one of those that `/api/gates` lists. `override`: moves the alias against the gate; the reason is kept. */
export const PromoteRequest = z.strictObject({
  version: z.int().positive(),
  alias: Text,
  gate: Text,
  by: Text,
  dryRun: z.boolean().default(false),
  override: z.strictObject({ reason: Text }).optional(),
});

export const PromoteAnswer = z.strictObject({
  moved: z.boolean(),
  overridden: z.boolean(),
  passed: z.boolean(),
  /** The version it was compared with. */
  against: z.int().nullable(),
  predicates: z.array(Predicate),
  sentences: z.array(z.string()),
  smoke: z.string(),
  /** How often the test split has been used to decide, this time included. */
  testSetUses: z.int(),
});
export type PromoteAnswer = z.output<typeof PromoteAnswer>;

export const RollBackRequest = z.strictObject({
  alias: Text,
  by: Text,
  reason: Text,
  to: z.int().positive().optional(),
});

export const RegisterRequest = z.strictObject({ run: z.int().positive(), by: Text });

export const Verified = z.strictObject({
  events: z.int(),
  problems: z.array(z.strictObject({ where: z.string(), seq: z.int().nullable(), what: z.string() })),
});
export type Verified = z.output<typeof Verified>;

export const HoldingsQuery = z.strictObject({ at: z.string().min(1).max(40) });

export const Holdings = z.strictObject({
  holdings: z.array(
    z.strictObject({ alias: z.string(), atBeginning: z.int().nullable(), atEnd: z.int().nullable() }),
  ),
});
export type Holdings = z.output<typeof Holdings>;
