import type { ModelVersion, Promotion, RegisteredModel, Registry, RegistryEvent } from '@atelier/registry';
import type { Judgement, Model, ModelEvent, Predicate, Version } from '../api/models.ts';

/** What is read of an event's body; each kind has some of it. */
interface Body {
  readonly from?: number;
  readonly reason?: string;
  readonly override?: { readonly reason: string };
  readonly gate?: { readonly file: string; readonly sha256: string };
  readonly verdict?: { readonly passed: boolean; readonly predicates: readonly StoredPredicate[] };
  readonly smoke?: { readonly status: string; readonly detail: string };
}

interface StoredPredicate {
  readonly predicate: string;
  readonly outcome: Predicate['outcome'];
  readonly value?: number | string | undefined;
  readonly note?: string | undefined;
}

/** What is read of frozen evidence. */
interface FrozenEvidence {
  readonly sentences?: readonly string[];
  readonly inputs?: { readonly split: string; readonly testSet: { readonly uses: number } };
}

function toPredicate({ predicate, outcome, value, note }: StoredPredicate): Predicate {
  const shown = typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return { predicate, outcome, value: shown ?? null, note: note ?? null };
}

/** The accuracy a run recorded, of as many runs as asked; a run that was deleted has none. */
function accuracyOf({ tracker }: Registry, run: number): number | null {
  try {
    const accuracy = tracker.getRun(run).metrics['test/accuracy'];
    return accuracy !== undefined && Number.isFinite(accuracy) ? accuracy : null;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'RUN_UNKNOWN') return null;
    throw error;
  }
}

function toVersion(registry: Registry, version: ModelVersion): Version {
  return {
    version: version.version,
    runId: version.runId,
    runName: version.runName,
    checkpoint: version.checkpoint ?? null,
    datasetDigest: version.datasetDigest ?? null,
    files: version.files.map((file) => ({ ...file })),
    filesSha256: version.filesSha256,
    notes: version.notes ?? null,
    createdAt: version.createdAt,
    aliases: [...version.aliases],
    accuracy: accuracyOf(registry, version.runId),
  };
}

export function toModel(registry: Registry, model: RegisteredModel): Model {
  return {
    name: model.name,
    createdAt: model.createdAt,
    aliases: { ...model.aliases },
    versions: model.versions.map((version) => toVersion(registry, version)),
  };
}

function storedJudgement({ gate, verdict, smoke, from }: Body, evidence: FrozenEvidence): Judgement | null {
  if (gate === undefined || verdict === undefined || smoke === undefined) return null;
  return {
    gate: { file: gate.file, sha256: gate.sha256 },
    passed: verdict.passed,
    predicates: verdict.predicates.map(toPredicate),
    sentences: [...(evidence.sentences ?? [])],
    smoke: { status: smoke.status, detail: smoke.detail },
    against: from ?? null,
    testSetUses: evidence.inputs?.testSet.uses ?? null,
    split: evidence.inputs?.split ?? null,
  };
}

export function toEvent(registry: Registry, event: RegistryEvent): ModelEvent {
  const body = JSON.parse(event.body) as Body;
  const frozen = event.evidence === undefined ? undefined : registry.evidence(event.evidence);
  return {
    seq: event.seq,
    at: event.at,
    kind: event.kind,
    version: event.version,
    alias: event.alias ?? null,
    by: event.by,
    from: body.from ?? null,
    reason: body.override?.reason ?? body.reason ?? null,
    overridden: body.override !== undefined,
    judgement: storedJudgement(body, (frozen ?? {}) as FrozenEvidence),
    evidenceSha256: event.evidence ?? null,
    previous: event.previous,
    hash: event.hash,
  };
}

/** @param holder who holds the alias that would move. */
export function judgementOf(
  { evidence, verdict }: Promotion,
  gate: Judgement['gate'],
  holder: number | null,
): Judgement {
  const { smoke } = evidence.measured;
  return {
    gate: { file: gate.file, sha256: gate.sha256 },
    passed: verdict.passed,
    predicates: verdict.predicates.map(toPredicate),
    sentences: [...evidence.sentences],
    smoke: { status: smoke.status, detail: smoke.detail },
    against: holder,
    testSetUses: evidence.inputs.testSet.uses,
    split: evidence.inputs.split,
  };
}
