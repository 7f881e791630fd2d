import { canonicalJson } from '@atelier/base';
import type { Database } from 'better-sqlite3';
import { digestOf, type Canonical } from './canonical.ts';
import type { EventKind } from './schema.ts';
import { type RegistryEvent } from './schema.ts';

/** What the first event names as the one before it. */
export const GENESIS = '0'.repeat(64);

/** An event before it has its place in the chain. */
export interface NewEvent {
  readonly kind: EventKind;
  readonly model: string;
  readonly version: number;
  readonly alias?: string | undefined;
  readonly by: string;
  readonly body: Canonical;
  /** Stored under its SHA-256, beside the event. */
  readonly evidence?: Canonical | undefined;
}

interface EventRow {
  seq: number;
  at: number;
  kind: string;
  model: string;
  version: number;
  alias: string | null;
  by_whom: string;
  body: string;
  evidence: string | null;
  previous: string;
  hash: string;
}

function toEvent({ by_whom: by, kind, alias, evidence, ...row }: EventRow): RegistryEvent {
  return { ...row, by, kind: kind as EventKind, alias: alias ?? undefined, evidence: evidence ?? undefined };
}

/** The SHA-256 of everything an event says, the hash of the event before it included. */
export function hashOf({ hash: _, ...event }: RegistryEvent): string {
  return digestOf(canonicalJson(event));
}

function lastEvent(database: Database): RegistryEvent | undefined {
  const row = database.prepare<[], EventRow>('SELECT * FROM registry_events ORDER BY seq DESC LIMIT 1').get();
  return row && toEvent(row);
}

function storeEvidence(database: Database, evidence: Canonical): string {
  const body = canonicalJson(evidence);
  const sha256 = digestOf(body);
  const known = database.prepare('SELECT 1 FROM registry_evidence WHERE sha256 = ?').get(sha256);
  if (known === undefined)
    database.prepare('INSERT INTO registry_evidence (sha256, body) VALUES (?, ?)').run(sha256, body);
  return sha256;
}

/**
 * Appends an event to the chain, with its evidence. Call it in a transaction that began IMMEDIATE: two processes then
 * cannot both take the same place. Time never runs backwards in the history, whatever the clock says.
 */
export function appendEvent(database: Database, event: NewEvent, now: number): RegistryEvent {
  const last = lastEvent(database);
  const evidence = event.evidence === undefined ? undefined : storeEvidence(database, event.evidence);
  const open: RegistryEvent = {
    seq: (last?.seq ?? 0) + 1,
    at: Math.max(now, last?.at ?? 0),
    kind: event.kind,
    model: event.model,
    version: event.version,
    alias: event.alias,
    by: event.by,
    body: canonicalJson(event.body),
    evidence,
    previous: last?.hash ?? GENESIS,
    hash: '',
  };
  const linked = { ...open, hash: hashOf(open) };
  database
    .prepare(
      `INSERT INTO registry_events (seq, at, kind, model, version, alias, by_whom, body, evidence, previous, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      linked.seq,
      linked.at,
      linked.kind,
      linked.model,
      linked.version,
      linked.alias ?? null,
      linked.by,
      linked.body,
      linked.evidence ?? null,
      linked.previous,
      linked.hash,
    );
  return linked;
}

/** All events in order, or those of a model, of one alias of it, up to a time. */
export function readEvents(
  database: Database,
  of: { model?: string | undefined; alias?: string | undefined; until?: number | undefined } = {},
): RegistryEvent[] {
  return database
    .prepare<[object], EventRow>(
      `SELECT * FROM registry_events
       WHERE model = coalesce($model, model) AND ($alias IS NULL OR alias = $alias) AND at <= coalesce($until, at)
       ORDER BY seq`,
    )
    .all({ model: of.model ?? null, alias: of.alias ?? null, until: of.until ?? null })
    .map(toEvent);
}

/** The stored text of an event's evidence. */
export function readEvidence(database: Database, sha256: string): string | undefined {
  return database
    .prepare<[string], string>('SELECT body FROM registry_evidence WHERE sha256 = ?')
    .pluck()
    .get(sha256) as string | undefined;
}

/** Where the chain breaks, in words. */
export interface BrokenLink {
  readonly seq: number;
  readonly what: string;
}

function brokenContent(event: RegistryEvent, next: RegistryEvent | undefined): string {
  const computed = hashOf(event);
  const found = `its content has the SHA-256 ${computed}, stored is ${event.hash}`;
  if (next === undefined) return `${found}: the event or its hash was changed`;
  if (next.previous === event.hash)
    return `${found}, and event ${next.seq} knows the stored one: the content was changed`;
  if (next.previous === computed)
    return `${found}, and event ${next.seq} knows the computed one: the hash was changed`;
  return found;
}

/** The first event whose number, predecessor or content is not what the chain says. */
export function findBrokenLink(events: readonly RegistryEvent[]): BrokenLink | undefined {
  let previous = GENESIS;
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) return { seq: event.seq, what: `event ${index + 1} is missing before it` };
    if (hashOf(event) !== event.hash)
      return { seq: event.seq, what: brokenContent(event, events[index + 1]) };
    if (event.previous !== previous) {
      const what = `it follows ${event.previous}, but event ${event.seq - 1} has the hash ${previous}`;
      return { seq: event.seq, what };
    }
    previous = event.hash;
  }
  return undefined;
}
