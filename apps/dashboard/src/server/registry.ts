import { userInfo } from 'node:os';
import { type EvidenceThread, parseSpan, type Registry, registryOf, smokeCheckOf } from '@atelier/registry';
import type { Tracker } from '@atelier/tracker';
import { own } from '../api/own.ts';
import type {
  Held,
  JudgeBody,
  ModelDetail,
  ModelList,
  PromoteBody,
  Promoted,
  Verified,
} from '../api/models.ts';
import type { z } from 'zod';
import { PromotionError } from '../errors.ts';
import { judgementOf, toEvent, toModel } from './registry-answers.ts';
import { chosenGate, offeredGates } from './registry-gates.ts';
import { writer, type WriteAccess } from './writing.ts';

export interface RegistryAccess {
  readonly tracker: Tracker;
  /** Present where changes are taken. */
  readonly write: WriteAccess | undefined;
  /** Folder of gate files. */
  readonly gates: string;
  /** Computes evidence while the server goes on. */
  readonly thread: EvidenceThread;
}

/** What a look at the test split from the page is counted as. */
const COMMAND = 'dashboard: judged on the models page';

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

function toRead({ tracker }: RegistryAccess): Registry {
  return registryOf(tracker, { readonly: true });
}

/** @throws ForbiddenError where this server only reads. */
function toWrite({ write }: RegistryAccess): Registry {
  return registryOf(writer(write));
}

export function listModels(access: RegistryAccess): ModelList {
  const registry = toRead(access);
  const models = registry.models().map((model) => toModel(registry, model));
  return { models, writable: access.write !== undefined };
}

/** @throws RegistryUnknownError */
export function modelDetail(access: RegistryAccess, name: string): ModelDetail {
  const registry = toRead(access);
  const events = registry.events({ model: name });
  const found = registry.models().find((model) => model.name === name);
  // the registry's own words, with the nearest name, for one that is not there
  if (found === undefined) registry.holdings({ from: 0, until: 0 }, { model: name });
  const model = toModel(registry, found!);
  const { gates, faults } = offeredGates(access.gates, registry.events());
  const digests = new Set(model.versions.flatMap(({ datasetDigest }) => datasetDigest ?? []));
  return {
    ...model,
    writable: access.write !== undefined,
    user: userName(),
    gates: [...gates.values()].map(({ gate, from }) => ({
      sha256: gate.sha256,
      file: gate.file,
      from,
      description: gate.description ?? null,
      split: gate.split,
      require: [...gate.require],
    })),
    gateFaults: [...faults],
    datasets: Object.fromEntries([...digests].map((of) => [of, access.tracker.dataset(of)?.name ?? of])),
    events: events.map((event) => toEvent(registry, event)).toReversed(),
  };
}

function holderOf(registry: Registry, name: string, alias: string): number | null {
  return own(registry.models().find((model) => model.name === name)?.aliases ?? {}, alias) ?? null;
}

/** Judges without moving anything; a look at the test split counts all the same. */
export async function judgeVersion(
  access: RegistryAccess,
  model: string,
  { version, alias, gate: sha256 }: z.output<typeof JudgeBody>,
): Promise<Promoted> {
  const registry = toWrite(access);
  const gate = chosenGate(offeredGates(access.gates, registry.events()), sha256);
  const holder = holderOf(registry, model, alias);
  const smokeCheck = smokeCheckOf(registry.tracker);
  const by = userName() || 'dashboard';
  const request = { model, version, alias, gate, smokeCheck, command: COMMAND, by, dryRun: true };
  const promotion = await registry.promote(request, access.thread);
  return { judgement: judgementOf(promotion, gate, holder), moved: false, hash: null };
}

/** @throws PromotionError where somebody else moved the alias since the evidence was shown. */
export async function promoteVersion(
  access: RegistryAccess,
  model: string,
  body: PromoteBody,
): Promise<Promoted> {
  const registry = toWrite(access);
  const { version, alias, by, override } = body;
  const gate = chosenGate(offeredGates(access.gates, registry.events()), body.gate);
  const holder = holderOf(registry, model, alias);
  if (holder !== body.against) {
    throw new PromotionError(
      'ALIAS_MOVED',
      `${alias} is now ${holder ?? 'held by nobody'}, the evidence you saw was against ${body.against ?? 'nobody'}: judge again`,
    );
  }
  const smokeCheck = smokeCheckOf(registry.tracker);
  const request = { model, version, alias, gate, by, override, smokeCheck, command: COMMAND };
  const promotion = await registry.promote(request, access.thread);
  const { moved, event } = promotion;
  return { judgement: judgementOf(promotion, gate, holder), moved, hash: event?.hash ?? null };
}

export async function rollBackAlias(
  access: RegistryAccess,
  model: string,
  said: { alias: string; to?: number | undefined; by: string; reason: string },
) {
  const registry = toWrite(access);
  const { event, from } = await registry.rollBack({
    model,
    ...said,
    smokeCheck: smokeCheckOf(registry.tracker),
  });
  return { from, to: event.version, hash: event.hash };
}

export async function verify({ tracker, thread }: RegistryAccess): Promise<Verified> {
  const { events, recomputed, head, problems } = await thread.verify(tracker.home);
  return {
    events,
    recomputed,
    head: head ?? null,
    problems: problems.map(({ where, seq, what }) => ({ where, seq: seq ?? null, what })),
  };
}

/** Who held a model's aliases on a day. @throws RegistryInputError, RegistryUnknownError */
export function heldOn(access: RegistryAccess, model: string, on: string): Held {
  const registry = toRead(access);
  const holdings = registry.holdings(parseSpan(on), { model });
  return {
    holdings: holdings.map(({ alias, atBeginning, atEnd, moves }) => ({
      alias,
      atBeginning: atBeginning ?? null,
      atEnd: atEnd ?? null,
      moves: moves.map(({ seq }) => seq),
    })),
  };
}
