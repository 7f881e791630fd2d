import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Tracker } from '@atelier/tracker';
import type { Canonical } from './canonical.ts';
import { countUses, digestLooks } from './decisions.ts';
import type { Absence, Facts } from './facts.ts';
import { classAbsences, findingsOf, seedFacts, type Findings, type FindingsSettings } from './findings.ts';
import { mismatch, readSamples, seedAccuracies, type JudgedSamples } from './ledgers.ts';
import { SmokeResult, type ModelVersion } from './schema.ts';
import { seedFamily } from './seeds.ts';
import { findVersion } from './versions.ts';

const Side = z.strictObject({
  model: z.string(),
  version: z.int(),
  run: z.strictObject({ id: z.int(), name: z.string() }),
  checkpoint: z.string(),
  dataset: z.string(),
  ledgerSha256: z.string(),
  filesSha256: z.string(),
  bytes: z.int(),
  /** Of the same configuration but the seed, judged on the same samples. */
  seedRuns: z.array(z.strictObject({ runId: z.int(), seed: z.number(), accuracy: z.number() })),
});
type Side = z.output<typeof Side>;

/** Everything the numbers were computed from; with it the ledgers give the same numbers again. */
export const EvidenceInputs = z.strictObject({
  format: z.literal(1),
  split: z.string(),
  level: z.number(),
  bootstraps: z.int(),
  seed: z.int(),
  dataset: z.strictObject({
    digest: z.string(),
    name: z.string(),
    labelsSha256: z.string(),
    classNames: z.array(z.string()),
  }),
  candidate: Side,
  /** Absent where nobody held the alias. */
  incumbent: Side.optional(),
  /** Looks at the test split so far; `looksSha256` of all of them. */
  testSet: z.strictObject({ lastId: z.int(), looks: z.int(), uses: z.int(), looksSha256: z.string() }),
});
export type EvidenceInputs = z.output<typeof EvidenceInputs>;

/** What a decision rests on, as it is frozen: inputs, numbers, and what was measured and cannot be computed again. */
export interface Evidence {
  readonly inputs: EvidenceInputs;
  readonly facts: Facts;
  readonly absences: readonly Absence[];
  readonly sentences: readonly string[];
  /** All that two ledgers say; absent where there was nobody to compare with. */
  readonly comparison: Findings['comparison'];
  readonly measured: { readonly smoke: SmokeResult };
}

/** What to judge, how. */
export interface EvidenceRequest extends Omit<FindingsSettings, 'uses'> {
  readonly candidate: ModelVersion;
  readonly incumbent: ModelVersion | undefined;
  readonly split: string;
  readonly smoke: SmokeResult;
  /** Count uses of the test split up to this look only. */
  readonly lastLook?: number | undefined;
  /** Look for seeds among these runs only. */
  readonly seedRuns?:
    { readonly candidate: readonly number[]; readonly incumbent: readonly number[] } | undefined;
}

interface Context {
  readonly database: Database;
  readonly tracker: Pick<Tracker, 'getRun' | 'predictions' | 'dataset'>;
}

function sideOf(
  { database, tracker }: Context,
  version: ModelVersion,
  samples: JudgedSamples,
  among: readonly number[] | undefined,
): Side {
  return {
    model: version.model,
    version: version.version,
    run: { id: version.runId, name: samples.runName },
    checkpoint: samples.checkpoint,
    dataset: samples.datasetDigest,
    ledgerSha256: samples.ledgerSha256,
    filesSha256: version.filesSha256,
    bytes: version.files.reduce((sum, { size }) => sum + size, 0),
    seedRuns: seedAccuracies(tracker, samples, seedFamily(database, version.runId, among)),
  };
}

function absencesOf(reason: string | undefined, smoke: SmokeResult): Absence[] {
  const absences: Absence[] = reason === undefined ? [] : [{ path: 'delta', reason }];
  if (smoke.latency === undefined)
    absences.push({ path: 'latency', reason: `not measured: ${smoke.detail}` });
  return absences;
}

function accuraciesOf(side: Side | undefined): number[] {
  return side?.seedRuns.map(({ accuracy }) => accuracy) ?? [];
}

/** The facts that come from elsewhere than the two ledgers. */
function otherFacts(inputs: EvidenceInputs, comparable: boolean, { latency }: SmokeResult): Facts {
  const { candidate, incumbent, testSet, level } = inputs;
  const family = new Set(candidate.seedRuns.map(({ runId }) => runId));
  const same = incumbent?.seedRuns.some(({ runId }) => family.has(runId)) ?? false;
  const seedDelta =
    comparable && !same ? seedFacts(accuraciesOf(incumbent), accuraciesOf(candidate), level) : undefined;
  return {
    seeds: candidate.seedRuns.length,
    testSetUses: testSet.uses,
    size: { bytes: candidate.bytes },
    ...(seedDelta !== undefined && { seedDelta }),
    ...(latency !== undefined && { latency: { p50: latency.p50, p99: latency.p99 } }),
  };
}

function testSetOf(
  database: Database,
  digest: string,
  lastLook: number | undefined,
): EvidenceInputs['testSet'] {
  const use = countUses(database, digest, 'test', lastLook);
  return { ...use, looksSha256: digestLooks(database, digest, 'test', use.lastId) };
}

/**
 * Gathers the evidence for a version, alone or against another, from the ledgers of their runs.
 * @throws LedgerMismatchError where the candidate cannot be judged at all.
 */
export function gatherEvidence(context: Context, request: EvidenceRequest): Evidence {
  const { candidate, incumbent, split, level, bootstraps, seed, smoke } = request;
  const read = (of: ModelVersion): JudgedSamples =>
    readSamples(context.tracker, of.runId, split, of.checkpoint);
  const samples = read(candidate);
  const other = incumbent && read(incumbent);
  const reason = other === undefined ? 'there is nobody to compare with' : mismatch(samples, other);
  const inputs: EvidenceInputs = {
    format: 1,
    split,
    level,
    bootstraps,
    seed,
    dataset: {
      digest: samples.datasetDigest,
      name: samples.datasetName,
      labelsSha256: samples.labelsSha256,
      classNames: [...samples.classNames],
    },
    candidate: sideOf(context, candidate, samples, request.seedRuns?.candidate),
    ...(incumbent !== undefined && {
      incumbent: sideOf(context, incumbent, other!, request.seedRuns?.incumbent),
    }),
    testSet: testSetOf(context.database, samples.datasetDigest, request.lastLook),
  };
  const uses = split === 'test' ? Math.max(1, inputs.testSet.uses) : 1;
  const found = findingsOf(samples, reason === undefined ? other : undefined, {
    level,
    bootstraps,
    seed,
    uses,
  });
  return {
    inputs,
    facts: { ...found.facts, ...otherFacts(inputs, reason === undefined, smoke) },
    absences: [...classAbsences(samples), ...absencesOf(reason, smoke)],
    sentences: found.sentences,
    comparison: found.comparison,
    measured: { smoke },
  };
}

const Frozen = z.looseObject({ inputs: EvidenceInputs, measured: z.strictObject({ smoke: SmokeResult }) });

/** Computes frozen evidence again, from the ledgers as they are now. */
export function recomputeEvidence(context: Context, frozen: unknown): Evidence {
  const { inputs, measured } = Frozen.parse(frozen);
  const { candidate, incumbent } = inputs;
  const version = (side: Side): ModelVersion => ({
    ...findVersion(context.database, side.model, side.version, { deleted: true }),
    checkpoint: side.checkpoint,
  });
  const ids = (side: Side | undefined): number[] => side?.seedRuns.map(({ runId }) => runId) ?? [];
  return gatherEvidence(context, {
    ...inputs,
    candidate: version(candidate),
    incumbent: incumbent && version(incumbent),
    smoke: measured.smoke,
    lastLook: inputs.testSet.lastId,
    seedRuns: { candidate: ids(candidate), incumbent: ids(incumbent) },
  });
}

export function toCanonical(evidence: Evidence): Canonical {
  return evidence as unknown as Canonical;
}
