import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  parseGate,
  smokeCheckOf,
  type Evidence,
  type Gate,
  type ModelVersion,
  type PredicateVerdict,
  type RegisteredModel,
  type Registry,
  type RegistryEvent,
} from '@atelier/tracker';
import { z } from 'zod';
import type {
  Gates,
  History,
  Model,
  ModelEvent,
  Predicate,
  PromoteAnswer,
  PromoteRequest,
} from '../api/models.ts';
import { NotFoundError } from '../errors.ts';

const METRICS = ['test/accuracy', 'test/macroF1', 'val/accuracy'];
const COMMAND = 'dashboard promote';

function toVersion(registry: Registry, version: ModelVersion): Model['versions'][number] {
  const [run] = registry.tracker.runRows([version.runId], { metrics: METRICS });
  return {
    version: version.version,
    runId: version.runId,
    runName: version.runName,
    checkpoint: version.checkpoint ?? null,
    datasetDigest: version.datasetDigest ?? null,
    bytes: version.files.reduce((sum, { size }) => sum + size, 0),
    filesSha256: version.filesSha256,
    notes: version.notes ?? null,
    createdAt: version.createdAt,
    aliases: [...version.aliases],
    metrics: Object.fromEntries(
      Object.entries(run?.metrics ?? {}).map(([name, value]) => [
        name,
        Number.isFinite(value) ? value : null,
      ]),
    ),
  };
}

export function toModel(registry: Registry, { name, createdAt, aliases, versions }: RegisteredModel): Model {
  return {
    name,
    createdAt,
    aliases: { ...aliases },
    versions: versions.map((version) => toVersion(registry, version)),
  };
}

/** @throws NotFoundError */
export function modelOf(registry: Registry, name: string): Model {
  const found = registry.models().find((model) => model.name === name);
  if (found === undefined) throw new NotFoundError('MODEL_UNKNOWN', `there is no model "${name}"`);
  return toModel(registry, found);
}

function toPredicate({ predicate, outcome, value, note }: PredicateVerdict): Predicate {
  const shown = typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return { predicate, outcome, value: shown ?? null, note: note ?? null };
}

/** What is read of an event's body, whichever its kind. */
const Body = z.object({
  from: z.int().optional(),
  reason: z.string().optional(),
  override: z.object({ reason: z.string() }).optional(),
  gate: z.object({ file: z.string(), text: z.string() }).optional(),
  verdict: z
    .object({
      passed: z.boolean(),
      predicates: z.array(
        z.object({
          predicate: z.string(),
          outcome: z.enum(['passed', 'failed', 'not applicable', 'unknown']),
          value: z.union([z.number(), z.string()]).optional(),
          note: z.string().optional(),
        }),
      ),
    })
    .optional(),
  smoke: z.object({ status: z.string(), detail: z.string() }).optional(),
});

const Sentences = z.object({ sentences: z.array(z.string()) });

function sentencesOf(registry: Registry, event: RegistryEvent): string[] {
  const text = event.evidence === undefined ? undefined : registry.evidence(event.seq);
  const parsed = text === undefined ? undefined : Sentences.safeParse(JSON.parse(text));
  return parsed?.success === true ? parsed.data.sentences : [];
}

function toEvent(registry: Registry, event: RegistryEvent): ModelEvent {
  const { from, reason, override, gate, verdict, smoke } = Body.parse(JSON.parse(event.body));
  return {
    seq: event.seq,
    at: event.at,
    kind: event.kind,
    version: event.version,
    alias: event.alias ?? null,
    by: event.by,
    hash: event.hash,
    from: from ?? null,
    reason: override?.reason ?? reason ?? null,
    gate: gate ?? null,
    passed: verdict?.passed ?? null,
    predicates: (verdict?.predicates ?? []).map(({ predicate, outcome, value, note }) => ({
      predicate,
      outcome,
      value: value ?? null,
      note: note ?? null,
    })),
    smoke: smoke === undefined ? null : `${smoke.status}: ${smoke.detail}`,
    sentences: sentencesOf(registry, event),
  };
}

/** Newest first. */
export function historyOf(registry: Registry, model: string): History {
  return {
    events: registry
      .events({ model })
      .map((event) => toEvent(registry, event))
      .reverse(),
  };
}

/** Gate files of a folder, and those that stand in the history. */
export function gatesOf(registry: Registry, folder: string | undefined): Gates {
  const gates = new Map<string, string>();
  for (const event of registry.events()) {
    const { gate } = Body.parse(JSON.parse(event.body));
    if (gate !== undefined) gates.set(gate.file, gate.text);
  }
  if (folder !== undefined) {
    for (const name of readdirSync(folder)) {
      if (/\.ya?ml$/.test(name)) gates.set(`gates/${name}`, readFileSync(join(folder, name), 'utf8'));
    }
  }
  return { gates: [...gates].map(([file, text]) => ({ file, text })) };
}

/** @throws NotFoundError for a gate that is not offered: a page never names a path. */
function gateOf(registry: Registry, folder: string | undefined, file: string): Gate {
  const { gates } = gatesOf(registry, folder);
  const found = gates.find((gate) => gate.file === file);
  if (found !== undefined) return parseGate(found.text, file);
  const offered = gates.map((gate) => gate.file).join(', ') || 'none';
  throw new NotFoundError('GATE_UNKNOWN', `there is no gate "${file}"; there are: ${offered}`);
}

function testSetUses({ inputs }: Evidence): number {
  return inputs.testSet.uses;
}

/** Judges a version by a gate, and moves the alias where that is asked for. */
export async function promoteVersion(
  registry: Registry,
  folder: string | undefined,
  model: string,
  { version, alias, gate, by, dryRun, override }: z.output<typeof PromoteRequest>,
): Promise<PromoteAnswer> {
  const promotion = await registry.promote({
    model,
    version,
    alias,
    by,
    dryRun,
    override,
    gate: gateOf(registry, folder, gate),
    smokeCheck: smokeCheckOf(registry.tracker),
    command: COMMAND,
  });
  const { evidence, verdict } = promotion;
  const { status, detail } = evidence.measured.smoke;
  return {
    moved: promotion.moved,
    overridden: promotion.overridden,
    passed: verdict.passed,
    against: promotion.incumbent?.version ?? null,
    predicates: verdict.predicates.map(toPredicate),
    sentences: [...evidence.sentences],
    smoke: `${status}: ${detail}`,
    testSetUses: testSetUses(evidence),
  };
}
