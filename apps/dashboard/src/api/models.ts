import { z } from 'zod';

/** Models, versions, aliases, gates and the history: what may be asked and what is answered. Times in epoch milliseconds. */

const File = z.strictObject({ path: z.string(), sha256: z.string(), size: z.number() });

export const Version = z.strictObject({
  version: z.int(),
  runId: z.int(),
  runName: z.string(),
  checkpoint: z.string().nullable(),
  datasetDigest: z.string().nullable(),
  files: z.array(File),
  filesSha256: z.string(),
  notes: z.string().nullable(),
  createdAt: z.number(),
  aliases: z.array(z.string()),
  /** Accuracy on the test split as its run recorded it. */
  accuracy: z.number().nullable(),
});
export type Version = z.output<typeof Version>;

/** A gate by the SHA-256 of its text; a page never names a file. */
export const GateOffer = z.strictObject({
  sha256: z.string(),
  file: z.string(),
  /** `folder`: in the repository's gates; `history`: stored with an event. */
  from: z.enum(['folder', 'history']),
  description: z.string().nullable(),
  split: z.string(),
  require: z.array(z.string()),
});
export type GateOffer = z.output<typeof GateOffer>;

export const Model = z.strictObject({
  name: z.string(),
  createdAt: z.number(),
  aliases: z.record(z.string(), z.int()),
  versions: z.array(Version),
});
export type Model = z.output<typeof Model>;

export const ModelList = z.strictObject({ models: z.array(Model), writable: z.boolean() });
export type ModelList = z.output<typeof ModelList>;

export const Predicate = z.strictObject({
  predicate: z.string(),
  outcome: z.enum(['passed', 'failed', 'not applicable', 'unknown']),
  value: z.union([z.number(), z.string()]).nullable(),
  note: z.string().nullable(),
});
export type Predicate = z.output<typeof Predicate>;

/** What a promotion rests on. */
export const Judgement = z.strictObject({
  gate: z.strictObject({ file: z.string(), sha256: z.string() }),
  passed: z.boolean(),
  predicates: z.array(Predicate),
  sentences: z.array(z.string()),
  smoke: z.strictObject({ status: z.string(), detail: z.string() }),
  against: z.int().nullable(),
  testSetUses: z.int().nullable(),
  split: z.string().nullable(),
});
export type Judgement = z.output<typeof Judgement>;

export const ModelEvent = z.strictObject({
  seq: z.int(),
  at: z.number(),
  kind: z.enum(['registered', 'promoted', 'rolled-back', 'deleted']),
  version: z.int(),
  alias: z.string().nullable(),
  by: z.string(),
  from: z.int().nullable(),
  reason: z.string().nullable(),
  overridden: z.boolean(),
  judgement: Judgement.nullable(),
  evidenceSha256: z.string().nullable(),
  previous: z.string(),
  hash: z.string(),
});
export type ModelEvent = z.output<typeof ModelEvent>;

/** `datasets`: names by digest. */
export const ModelDetail = Model.extend({
  writable: z.boolean(),
  user: z.string(),
  gates: z.array(GateOffer),
  /** Gate files that cannot be read, with why. */
  gateFaults: z.array(z.string()),
  datasets: z.record(z.string(), z.string()),
  /** Newest first. */
  events: z.array(ModelEvent),
});
export type ModelDetail = z.output<typeof ModelDetail>;

export const Promoted = z.strictObject({
  judgement: Judgement,
  moved: z.boolean(),
  hash: z.string().nullable(),
});
export type Promoted = z.output<typeof Promoted>;

export const RolledBack = z.strictObject({ from: z.int(), to: z.int(), hash: z.string() });
export type RolledBack = z.output<typeof RolledBack>;

export const Verified = z.strictObject({
  events: z.int(),
  recomputed: z.int(),
  head: z.string().nullable(),
  problems: z.array(z.strictObject({ where: z.string(), seq: z.int().nullable(), what: z.string() })),
});
export type Verified = z.output<typeof Verified>;

export const Held = z.strictObject({
  holdings: z.array(
    z.strictObject({
      alias: z.string(),
      atBeginning: z.int().nullable(),
      atEnd: z.int().nullable(),
      moves: z.array(z.int()),
    }),
  ),
});
export type Held = z.output<typeof Held>;

const Said = z.string().trim().min(1).max(2000);
const Alias = z.string().min(1).max(100);

export const ModelPath = z.strictObject({ name: z.string().min(1).max(200) });
export const HeldQuery = z.strictObject({ model: z.string().min(1).max(200), on: z.string().min(1).max(40) });

/** `gate`: SHA-256 of a gate that was offered. */
export const JudgeBody = z.strictObject({
  version: z.int().positive(),
  alias: Alias,
  gate: z.string().regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of an offered gate'),
});

/** `against`: the holder that the evidence was shown for; the alias moves only if that is still so. */
export const PromoteBody = JudgeBody.extend({
  by: Said,
  against: z.int().positive().nullable(),
  override: z.strictObject({ reason: Said }).optional(),
});
export type PromoteBody = z.output<typeof PromoteBody>;

export const RollbackBody = z.strictObject({
  alias: Alias,
  to: z.int().positive().optional(),
  by: Said,
  reason: Said,
});
