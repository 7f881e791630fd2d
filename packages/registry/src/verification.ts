import { canonicalJson } from '@atelier/base';
import type { Database } from 'better-sqlite3';
import { loadArtifact, type Tracker } from '@atelier/tracker';
import { digestOf, firstDifference, type Canonical } from './canonical.ts';
import { findBrokenLink, readEvents, readEvidence } from './chain.ts';
import { RegistryUnknownError } from './errors.ts';
import { recomputeEvidence, toCanonical, type Evidence } from './evidence.ts';
import { parseGate, type GateVerdict } from './gate.ts';
import { judgePromotion } from './promotion.ts';
import { recordDigest } from './record.ts';
import { DeletedBody, PromotedBody, RegisteredBody, RolledBackBody, type RegistryEvent } from './schema.ts';
import { listModels, versionsOf } from './versions.ts';

/** Something that is not as the history says. */
export interface Problem {
  /** What was looked at: `chain`: an event; `evidence`: what one rested on; `version`: a version's row; `files`: its bytes. */
  readonly where: 'chain' | 'evidence' | 'verdict' | 'version' | 'files' | 'head';
  /** The event concerned. */
  readonly seq: number | undefined;
  readonly what: string;
}

export interface Verification {
  readonly events: number;
  /** Hash of the last event: keep it elsewhere, and a shortened history shows too. */
  readonly head: string | undefined;
  /** How many events' evidence was computed again. */
  readonly recomputed: number;
  readonly problems: readonly Problem[];
}

interface Context {
  readonly database: Database;
  readonly home: string;
  readonly tracker: Pick<Tracker, 'getRun' | 'predictions' | 'dataset'>;
}

const BODIES = {
  registered: RegisteredBody,
  promoted: PromotedBody,
  'rolled-back': RolledBackBody,
  deleted: DeletedBody,
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parseJson(text: string): Canonical | undefined {
  try {
    return JSON.parse(text) as Canonical;
  } catch {
    return undefined;
  }
}

/** What JSON makes of a value: NaN as its name, no undefined. */
function asStored(value: Canonical): Canonical {
  return JSON.parse(canonicalJson(value)) as Canonical;
}

/** Evidence without the sentences that say it in words: a later version may say the same otherwise. */
function unsaid(evidence: Canonical): Canonical {
  return { ...(evidence as Record<string, Canonical>), sentences: [] };
}

function compareEvidence(context: Context, stored: Canonical): string | undefined {
  try {
    const found = asStored(toCanonical(recomputeEvidence(context, stored)));
    // causes before effects: changed labels or a changed ledger are the news, not the numbers that follow from them
    const { inputs } = stored as { inputs?: { dataset?: Canonical } };
    const now = found as { inputs?: { dataset?: Canonical } };
    const difference =
      firstDifference(inputs?.dataset, now.inputs?.dataset, 'inputs.dataset') ??
      firstDifference(inputs as Canonical, now.inputs as Canonical, 'inputs') ??
      firstDifference(unsaid(stored), unsaid(found));
    if (difference === undefined) return undefined;
    return `${difference.path} was ${difference.stored}, the ledgers now give ${difference.found}`;
  } catch (error) {
    return `it cannot be computed again: ${messageOf(error)}`;
  }
}

function checkEvidence(context: Context, event: RegistryEvent): Problem[] {
  const problem = (what: string): Problem => ({ where: 'evidence', seq: event.seq, what });
  if (event.evidence === undefined) return [problem('the promotion has none')];
  const text = readEvidence(context.database, event.evidence);
  if (text === undefined) return [problem(`${event.evidence} is gone`)];
  const problems: Problem[] = [];
  const digest = digestOf(text);
  if (digest !== event.evidence) {
    problems.push(
      problem(`its text was changed: it has the SHA-256 ${digest}, the event names ${event.evidence}`),
    );
  }
  const stored = parseJson(text);
  const difference = stored === undefined ? 'its text is no JSON any more' : compareEvidence(context, stored);
  return difference === undefined ? problems : [...problems, problem(difference)];
}

/** A verdict without its notes: later versions may say it in other words, and the hash of the event covers them. */
function decisionOf({ passed, predicates }: PromotedBody['verdict'] | GateVerdict): Canonical {
  const decided = predicates.map(({ predicate, outcome, value }) => ({ predicate, outcome, value }));
  return JSON.parse(canonicalJson({ passed, predicates: decided })) as Canonical;
}

/** Judges again by the gate's text and the frozen numbers. */
function checkVerdict({ database }: Context, event: RegistryEvent): Problem[] {
  const problem = (what: string): Problem[] => [{ where: 'verdict', seq: event.seq, what }];
  const text = event.evidence === undefined ? undefined : readEvidence(database, event.evidence);
  try {
    const body = PromotedBody.parse(JSON.parse(event.body));
    if (digestOf(body.gate.text) !== body.gate.sha256)
      return problem('the text of the gate does not have its SHA-256');
    if (text === undefined) return [];
    const evidence = JSON.parse(text) as Evidence;
    const judged = judgePromotion(parseGate(body.gate.text, body.gate.file), evidence);
    const difference = firstDifference(decisionOf(body.verdict), decisionOf(judged));
    if (difference !== undefined) {
      return problem(`${difference.path} was ${difference.stored}, the gate now says ${difference.found}`);
    }
    if (!body.verdict.passed && body.override === undefined)
      return problem('the gate said no and nobody overrode it');
    return [];
  } catch (error) {
    return problem(`cannot be judged again: ${messageOf(error)}`);
  }
}

/** Compares the row of a version with the event of its registration. */
function checkRegistration({ database }: Context, event: RegistryEvent): Problem[] {
  const problem = (what: string): Problem[] => [{ where: 'version', seq: event.seq, what }];
  const body = RegisteredBody.safeParse(parseJson(event.body));
  if (!body.success) return problem('the event does not say what was registered');
  try {
    const row = versionsOf(database, event.model).find(({ version }) => version === event.version);
    if (row === undefined) return problem(`${event.model} ${event.version} is gone`);
    const { runId, runName, checkpoint, datasetDigest, files, filesSha256, notes } = row;
    const found = {
      run: { id: runId, name: runName },
      checkpoint,
      dataset: datasetDigest,
      files,
      filesSha256,
      recordSha256: body.data.recordSha256 && recordDigest(database, runId),
      notes,
    };
    const difference = firstDifference(body.data as Canonical, asStored(found));
    if (difference === undefined) return [];
    return problem(
      `${event.model} ${event.version}: ${difference.path} was ${difference.stored}, is ${difference.found}`,
    );
  } catch (error) {
    return problem(error instanceof RegistryUnknownError ? error.message : messageOf(error));
  }
}

function checkFiles({ database, home }: Context): Problem[] {
  const alive = listModels(database).flatMap(({ versions }) => versions);
  return alive.flatMap(({ model, version, files }) =>
    files.flatMap(({ path, sha256 }): Problem[] => {
      try {
        loadArtifact(home, sha256);
        return [];
      } catch (error) {
        return [
          { where: 'files', seq: undefined, what: `${model} ${version}, ${path}: ${messageOf(error)}` },
        ];
      }
    }),
  );
}

/** Every version in use needs the event that registered it. */
function checkOrigins({ database }: Context, events: readonly RegistryEvent[]): Problem[] {
  const known = new Set(
    events
      .filter(({ kind }) => kind === 'registered')
      .map(({ model, version }) => JSON.stringify([model, version])),
  );
  const alive = listModels(database).flatMap(({ versions }) => versions);
  return alive
    .filter(({ model, version }) => !known.has(JSON.stringify([model, version])))
    .map(({ model, version }) => ({
      where: 'version',
      seq: undefined,
      what: `${model} ${version} was never registered by an event of the history`,
    }));
}

function checkEvent(context: Context, event: RegistryEvent): Problem[] {
  const known = BODIES[event.kind]?.safeParse(parseJson(event.body)).success ?? false;
  if (!known)
    return [{ where: 'chain', seq: event.seq, what: `its body is not that of an event "${event.kind}"` }];
  if (event.kind === 'registered') return checkRegistration(context, event);
  if (event.kind === 'promoted') return [...checkEvidence(context, event), ...checkVerdict(context, event)];
  return [];
}

function checkHead(events: readonly RegistryEvent[], head: string | undefined): Problem[] {
  if (head === undefined || events.some(({ hash }) => hash === head)) return [];
  return [
    {
      where: 'head',
      seq: undefined,
      what: `no event has the hash ${head}: the history was cut or written anew`,
    },
  ];
}

/**
 * Checks the whole history: the chain of hashes, the evidence computed again from the ledgers, the verdicts judged
 * again, the versions' rows and files.
 * @param head a hash of an event, kept from an earlier verification, that has to be part of the history.
 */
export function verifyRegistry(context: Context, head?: string): Verification {
  const events = readEvents(context.database);
  const broken = findBrokenLink(events);
  const chain: Problem[] = broken === undefined ? [] : [{ where: 'chain', ...broken }];
  return {
    events: events.length,
    head: events.at(-1)?.hash,
    recomputed: events.filter(({ kind }) => kind === 'promoted').length,
    problems: [
      ...chain,
      ...checkHead(events, head),
      ...events.flatMap((event) => checkEvent(context, event)),
      ...checkOrigins(context, events),
      ...checkFiles(context),
    ],
  };
}
