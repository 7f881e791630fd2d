import { namesNear } from '@atelier/base';
import type { Database } from 'better-sqlite3';
import type { Tracker } from '@atelier/tracker';
import { aliasesOf, holderOf } from './aliases.ts';
import type { Canonical } from './canonical.ts';
import { appendEvent } from './chain.ts';
import { recordLook } from './decisions.ts';
import { RegistryInputError, RegistryUnknownError, SmokeCheckError } from './errors.ts';
import { toCanonical, type Evidence, type EvidenceRequest } from './evidence.ts';
import { judgeGate, type Gate, type GateVerdict } from './gate.ts';
import { readSamples } from './ledgers.ts';
import { checkAlias, checkSaid, type ModelVersion, type RegistryEvent, type SmokeResult } from './schema.ts';
import { findVersion } from './versions.ts';

/** Loads a version's files and has the model answer. It never throws for a model that does not: that is a result. */
export type SmokeCheck = (version: ModelVersion, split: Gate['split']) => Promise<SmokeResult>;

export interface PromotionRequest {
  readonly model: string;
  readonly version: number;
  readonly alias: string;
  readonly gate: Gate;
  readonly by: string;
  /** Moves the alias though the gate says no; the reason is kept. It never moves to a model that does not answer. */
  readonly override?: { readonly reason: string } | undefined;
  /** Judges only: the alias stays, nothing is written but the look at the test split. */
  readonly dryRun?: boolean | undefined;
  readonly smokeCheck: SmokeCheck;
  /** What is counted as having looked at the test split. */
  readonly command: string;
}

export interface Promotion {
  readonly candidate: ModelVersion;
  readonly incumbent: ModelVersion | undefined;
  readonly evidence: Evidence;
  readonly verdict: GateVerdict;
  readonly moved: boolean;
  /** The alias moved against the verdict. */
  readonly overridden: boolean;
  readonly event: RegistryEvent | undefined;
}

interface Context {
  readonly database: Database;
  readonly tracker: Pick<Tracker, 'getRun' | 'predictions' | 'dataset'>;
  gather(request: EvidenceRequest): Evidence | Promise<Evidence>;
}

type Stored = Pick<Context, 'database' | 'tracker'>;

/** Seed of the bootstrap: fixed, so that nobody draws until it fits. */
const BOOTSTRAP_SEED = 1;

/**
 * Whom the gate compares with: who holds the alias that is to move, if anybody does, or who holds the alias it names.
 * @throws RegistryUnknownError for a name that nobody holds: a misspelt one would be a comparison with nobody.
 */
function incumbentOf(
  { database }: Stored,
  { model, alias, gate }: PromotionRequest,
): ModelVersion | undefined {
  const against = gate.against ?? alias;
  const number = holderOf(database, model, against);
  if (number !== undefined) return findVersion(database, model, number);
  if (against === alias) return undefined;
  const known = Object.keys(aliasesOf(database, model));
  const has = known.length === 0 ? `${model} has no aliases yet` : `${model} has: ${known.join(', ')}`;
  throw new RegistryUnknownError(
    `alias "${against}" of ${model}, which ${gate.file} compares with`,
    namesNear(against, known),
    `${has}. Without "against" a gate compares with who holds ${alias}.`,
  );
}

/**
 * The gate's verdict on frozen evidence. Where its predictions could not be made again, a row of its own says so: it
 * does not pass unless the gate says `unavailable: allow`.
 */
export function judgePromotion(gate: Gate, { facts, absences, inputs, measured }: Evidence): GateVerdict {
  const { classNames } = inputs.dataset;
  const verdict = judgeGate(gate, { facts, absences, classNames, first: inputs.incumbent === undefined });
  if (measured.smoke.status === 'passed') return verdict;
  const note = measured.smoke.detail;
  const allowed = gate.unavailable === 'allow' && measured.smoke.status === 'unavailable';
  const outcome = allowed ? ('not applicable' as const) : ('unknown' as const);
  const row = { predicate: 'smoke check', outcome, value: undefined, note };
  return { passed: verdict.passed && allowed, predicates: [row, ...verdict.predicates] };
}

function countLook(
  { database, tracker }: Stored,
  request: PromotionRequest,
  candidate: ModelVersion,
  incumbent: ModelVersion | undefined,
): void {
  if (request.gate.split !== 'test') return;
  const { datasetDigest } = readSamples(tracker, candidate.runId, 'test', candidate.checkpoint);
  const runB = incumbent?.runId === candidate.runId ? undefined : incumbent?.runId;
  recordLook(
    database,
    { datasetDigest, split: 'test', runA: candidate.runId, runB, command: request.command },
    Date.now(),
  );
}

function bodyOf(
  request: PromotionRequest,
  holder: number | undefined,
  verdict: GateVerdict,
  smoke: SmokeResult,
): Canonical {
  const { file, sha256, text } = request.gate;
  const override = verdict.passed ? undefined : request.override;
  return {
    from: holder,
    gate: { file, sha256, text },
    verdict: verdict as unknown as Canonical,
    override: override && { reason: override.reason },
    smoke: smoke as unknown as Canonical,
  };
}

/** @throws RegistryInputError where somebody else moved the alias or deleted the version since it was judged. */
function move(
  { database }: Stored,
  request: PromotionRequest,
  holder: number | undefined,
  verdict: GateVerdict,
  evidence: Evidence,
): RegistryEvent {
  const { model, version, alias, by } = request;
  const write = database.transaction(() => {
    findVersion(database, model, version);
    const now = holderOf(database, model, alias);
    if (now !== holder) {
      throw new RegistryInputError(
        `${alias} of ${model} moved from ${holder ?? 'nobody'} to ${now ?? 'nobody'} while ${version} was judged: judge it against that one`,
      );
    }
    const body = bodyOf(request, holder, verdict, evidence.measured.smoke);
    const event = {
      kind: 'promoted' as const,
      model,
      version,
      alias,
      by,
      body,
      evidence: toCanonical(evidence),
    };
    return appendEvent(database, event, Date.now());
  });
  return write.immediate();
}

function checkRequest(request: PromotionRequest): void {
  checkAlias(request.alias);
  checkSaid('the name of who promotes', request.by);
  if (request.override !== undefined) checkSaid('the reason of the override', request.override.reason);
}

/**
 * Moves an alias to a version if the gate lets it pass, on evidence computed from the ledgers of the version's run and
 * of the run it is compared with, and frozen beside the event.
 * @throws SmokeCheckError where the version does not answer, override or not; RegistryUnknownError; RegistryInputError;
 * LedgerMismatchError; GateInvalidError for a class that the dataset does not have.
 */
export async function promote(context: Context, request: PromotionRequest): Promise<Promotion> {
  checkRequest(request);
  const { model, alias, gate } = request;
  const candidate = findVersion(context.database, model, request.version);
  const holder = holderOf(context.database, model, alias);
  if (holder === candidate.version) {
    throw new RegistryInputError(`version ${candidate.version} of ${model} is ${alias} already`);
  }
  const incumbent = incumbentOf(context, request);
  readSamples(context.tracker, candidate.runId, gate.split, candidate.checkpoint);
  const smoke = await request.smokeCheck(candidate, gate.split);
  if (smoke.status === 'failed')
    throw new SmokeCheckError(`version ${candidate.version} of ${model}`, smoke.detail);
  countLook(context, request, candidate, incumbent);
  const { split, level, bootstraps } = gate;
  const evidence = await context.gather({
    candidate,
    incumbent,
    split,
    level,
    bootstraps,
    seed: BOOTSTRAP_SEED,
    smoke,
  });
  const verdict = judgePromotion(gate, evidence);
  const overridden = !verdict.passed && request.override !== undefined;
  const moved = request.dryRun !== true && (verdict.passed || overridden);
  const event = moved ? move(context, request, holder, verdict, evidence) : undefined;
  return { candidate, incumbent, evidence, verdict, moved, overridden: moved && overridden, event };
}
