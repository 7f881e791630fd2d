import { z } from 'zod';
import { RegistryInputError } from './errors.ts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One file of a version; its bytes lie among the tracker's artifacts under their SHA-256. */
export const VersionFile = z.strictObject({ path: z.string().min(1), sha256: Sha256, size: z.int().min(0) });
export type VersionFile = z.output<typeof VersionFile>;

/** A version of a model: what was registered, and which aliases name it now. */
export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  readonly runId: number;
  readonly runName: string;
  /** Of the ledgers that judge it; undefined where the run has none. */
  readonly checkpoint: string | undefined;
  readonly datasetDigest: string | undefined;
  readonly files: readonly VersionFile[];
  /** Of the canonical JSON of `files`. */
  readonly filesSha256: string;
  readonly notes: string | undefined;
  readonly createdAt: number;
  readonly deletedAt: number | undefined;
  readonly aliases: readonly string[];
}

export interface RegisteredModel {
  readonly name: string;
  readonly createdAt: number;
  readonly aliases: Readonly<Record<string, number>>;
  /** Newest first; deleted ones are left out. */
  readonly versions: readonly ModelVersion[];
}

export const EventKind = z.enum(['registered', 'promoted', 'rolled-back', 'deleted']);
export type EventKind = z.output<typeof EventKind>;

/** What a smoke check of a version's files found. `unavailable`: it could not be tried here. */
export const SmokeResult = z.strictObject({
  status: z.enum(['passed', 'failed', 'unavailable']),
  /** In words: what was tried, or why it failed. */
  detail: z.string(),
  engine: z.string().optional(),
  outputShape: z.array(z.int()).optional(),
  /** Images of the judged split that were put to it, and how many it answered as its ledger says. */
  images: z.strictObject({ asked: z.int(), asInLedger: z.int() }).optional(),
  /** Milliseconds for one image. */
  latency: z.strictObject({ p50: z.number(), p99: z.number(), calls: z.int() }).optional(),
});
export type SmokeResult = z.output<typeof SmokeResult>;

const Outcome = z.enum(['passed', 'failed', 'not applicable', 'unknown']);

const Verdict = z.strictObject({
  passed: z.boolean(),
  predicates: z.array(
    z.strictObject({
      predicate: z.string(),
      outcome: Outcome,
      value: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).optional(),
      note: z.string().optional(),
    }),
  ),
});

export const RegisteredBody = z.strictObject({
  run: z.strictObject({ id: z.int(), name: z.string() }),
  checkpoint: z.string().optional(),
  dataset: z.string().optional(),
  files: z.array(VersionFile),
  filesSha256: Sha256,
  /** Of the run's settings and numbers; absent in histories of before it was kept. */
  recordSha256: Sha256.optional(),
  notes: z.string().optional(),
});
export type RegisteredBody = z.output<typeof RegisteredBody>;

/** `from`: who held the alias before. */
export const PromotedBody = z.strictObject({
  from: z.int().optional(),
  gate: z.strictObject({ file: z.string(), sha256: Sha256, text: z.string() }),
  verdict: Verdict,
  override: z.strictObject({ reason: z.string() }).optional(),
  smoke: SmokeResult,
});
export type PromotedBody = z.output<typeof PromotedBody>;

export const RolledBackBody = z.strictObject({ from: z.int(), reason: z.string(), smoke: SmokeResult });
export type RolledBackBody = z.output<typeof RolledBackBody>;

export const DeletedBody = z.strictObject({ reason: z.string() });
export type DeletedBody = z.output<typeof DeletedBody>;

/** One link of the history. Times in epoch milliseconds. */
export interface RegistryEvent {
  readonly seq: number;
  readonly at: number;
  readonly kind: EventKind;
  readonly model: string;
  readonly version: number;
  readonly alias: string | undefined;
  readonly by: string;
  /** Canonical JSON of a `RegisteredBody`, `PromotedBody`, ... */
  readonly body: string;
  /** SHA-256 of the evidence it rested on. */
  readonly evidence: string | undefined;
  readonly previous: string;
  readonly hash: string;
}

/** @throws RegistryInputError */
export function checkModelName(name: string): string {
  if (name.trim() === name && name !== '' && name.length <= 200 && !/[@\p{Cc}]/u.test(name)) return name;
  throw new RegistryInputError(
    `${JSON.stringify(name)} is no name for a model: expected 1 to 200 characters without "@", control characters and outer spaces`,
  );
}

/** @throws RegistryInputError */
export function checkAlias(alias: string): string {
  if (/^[\p{L}_][\p{L}\p{N}_.-]{0,99}$/u.test(alias)) return alias;
  throw new RegistryInputError(
    `${JSON.stringify(alias)} is no alias: expected a word that begins with a letter, as champion, challenger or production`,
  );
}

/** @throws RegistryInputError for an empty text. */
export function checkSaid(what: string, text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new RegistryInputError(`${what} is empty: the history keeps it for ever, so say it`);
}
