import { z } from 'zod';
import { JsonObject, RunEnvironment, RunStatus } from '@atelier/tracker';

/** MLflow's records in words of its own; what both of its stores hold. Times are epoch milliseconds. */

const Texts = z.record(z.string(), z.string());
const NullableText = z.string().nullable();
const NullableTime = z.number().nullable();

export const MlflowExperiment = z.strictObject({
  /** A whole number in digits; the file store's have 18 of them. It becomes a folder's name. */
  id: z.string().regex(/^\d{1,20}$/),
  name: z.string(),
  artifactLocation: NullableText,
  lifecycleStage: z.string(),
  creationTime: NullableTime,
  lastUpdateTime: NullableTime,
  tags: Texts,
});
export type MlflowExperiment = z.output<typeof MlflowExperiment>;

/** A dataset that a run used. */
export const MlflowInput = z.strictObject({
  name: z.string(),
  digest: z.string(),
  sourceType: z.string(),
  source: z.string(),
  schema: NullableText,
  profile: NullableText,
  tags: Texts,
});
export type MlflowInput = z.output<typeof MlflowInput>;

export const MlflowRun = z.strictObject({
  /** 32 hex digits as a rule. It becomes a folder's name. */
  uuid: z.string().regex(/^[\w-]{1,64}$/),
  name: NullableText,
  sourceType: NullableText,
  sourceName: NullableText,
  entryPointName: NullableText,
  userId: NullableText,
  sourceVersion: NullableText,
  status: z.string(),
  startTime: NullableTime,
  endTime: NullableTime,
  lifecycleStage: z.string(),
  deletedTime: NullableTime,
  artifactUri: NullableText,
  params: Texts,
  tags: Texts,
  inputs: z.array(MlflowInput),
});
export type MlflowRun = z.output<typeof MlflowRun>;

/** Kept with an imported run as the artifact {@link ORIGIN_PATH}, so that an export gives back what came. */
export const MlflowOrigin = z.strictObject({
  version: z.literal(1),
  experiment: MlflowExperiment,
  run: MlflowRun,
  /** False where the artifacts lie where they could not be read (a bucket, say): an export keeps pointing there. */
  artifactsImported: z.boolean(),
});
export type MlflowOrigin = z.output<typeof MlflowOrigin>;
export const ORIGIN_PATH = '.mlflow/run.json';

/** All experiments of the store a run came from, those without runs too. */
export const MlflowStoreRecord = z.strictObject({
  version: z.literal(1),
  experiments: z.array(MlflowExperiment),
});
export type MlflowStoreRecord = z.output<typeof MlflowStoreRecord>;
export const STORE_PATH = '.mlflow/store.json';

/** What MLflow has no place for, kept as the artifact {@link RECORD_PATH} of an exported run. */
export const AtelierRecord = z.strictObject({
  version: z.literal(1),
  project: z.string(),
  group: z.string().optional(),
  name: z.string(),
  status: RunStatus,
  createdAt: z.number(),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  config: JsonObject,
  environment: RunEnvironment,
  tags: z.array(z.string()),
  notes: z.string().optional(),
  datasetDigest: z.string().optional(),
  error: z.strictObject({ code: z.string(), message: z.string(), step: z.number().optional() }).optional(),
  /** MLflow's name of a metric where it is not ours. */
  metricNames: Texts,
  /** Metrics of MLflow's that are no curves but numbers of the run as a whole, and our names of them. */
  summary: Texts,
});
export type AtelierRecord = z.output<typeof AtelierRecord>;
export const RECORD_PATH = 'atelier/run.json';
