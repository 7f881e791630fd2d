import {
  openForWriting,
  openTracker,
  readOnlySource,
  sourceOf,
  type Tracker,
  TrackerAccessError,
} from '@atelier/tracker';
import type { Database } from 'better-sqlite3';
import { readEvents } from './chain.ts';
import {
  countUses,
  listDecisions,
  recordLook,
  type Decision,
  type Look,
  type SplitUse,
} from './decisions.ts';
import { diffVersions, type VersionDifference } from './difference.ts';
import { gatherEvidence, type Evidence, type EvidenceRequest } from './evidence.ts';
import type { EvidenceThread } from './evidence-thread.ts';
import { holdingsAt, type Holding, type Span } from './history.ts';
import { promote, type Promotion, type PromotionRequest } from './promotion.ts';
import { resolve, type Resolved } from './references.ts';
import { rollBack, type RollbackRequest } from './rollback.ts';
import {
  checkSaid,
  type ModelVersion,
  type RegisteredModel,
  type RegistryEvent,
  type SmokeResult,
} from './schema.ts';
import { seedFamily, type SeedRun } from './seeds.ts';
import { verifyRegistry, type Verification } from './verification.ts';
import { deleteVersion, findVersion, listModels, registerVersion, type Registration } from './versions.ts';

export interface RegistryOptions {
  /** The tracker's home. */
  readonly home: string;
  /** Whatever writes throws TrackerAccessError then. */
  readonly readonly?: boolean | undefined;
}

/** Models, their versions, who holds which alias, and why. Times are epoch milliseconds. */
export interface Registry extends Disposable {
  /** Of the same home, for reading. */
  readonly tracker: Tracker;
  /** @throws RunUnknownError, RegistryInputError, ArtifactError */
  register(run: number, registration: Registration): { version: ModelVersion; created: boolean };
  models(): RegisteredModel[];
  /** @throws RegistryUnknownError */
  version(model: string, version: number): ModelVersion;
  /** A run's id or name, `model@alias` or `model@12`. @throws RunUnknownError, RegistryUnknownError */
  resolve(typed: string): Resolved;
  /** What would be frozen beside a promotion. @throws LedgerMismatchError where the candidate cannot be judged at all. */
  gather(request: EvidenceRequest): Evidence;
  /**
   * @param aside where the evidence is computed while the event loop goes on; errors of its come as plain `Error`s.
   * @throws SmokeCheckError, RegistryUnknownError, RegistryInputError, LedgerMismatchError, GateInvalidError
   */
  promote(request: PromotionRequest, aside?: EvidenceThread): Promise<Promotion>;
  /** @throws SmokeCheckError, RegistryUnknownError, RegistryInputError */
  rollBack(request: RollbackRequest): Promise<{ event: RegistryEvent; from: number; smoke: SmokeResult }>;
  /** @throws RegistryUnknownError, RegistryInputError where an alias names it. */
  remove(model: string, version: number, said: { readonly by: string; readonly reason: string }): void;
  events(of?: { model?: string | undefined; alias?: string | undefined }): RegistryEvent[];
  /** Frozen evidence by its SHA-256, as it was stored; undefined where there is none. */
  evidence(sha256: string): unknown;
  holdings(span: Span, of?: { model?: string | undefined; alias?: string | undefined }): Holding[];
  verify(head?: string): Verification;
  diff(model: string, a: number, b: number): VersionDifference;
  /** Runs of the same configuration but the seed. */
  seedFamily(run: number): SeedRun[];
  /** Counts a look at a split; on a read-only registry it only says how many there were. */
  countLook(look: Look): SplitUse;
  decisions(): Decision[];
  close(): void;
}

function refuse(home: string): never {
  throw new TrackerAccessError(
    home,
    'it is open for reading only (its folder cannot be written, or nothing was recorded yet)',
    undefined,
  );
}

/** What a registry stands on. `database` is read anew each time: a reader's changes when a writer makes the file. */
interface Ground {
  readonly tracker: Tracker;
  readonly source: { readonly database: Database };
  readonly readonly: boolean;
  readonly close: () => void;
}

/**
 * Opens the registry of a home folder, which lives in the tracker's database.
 * @throws what `openTracker` throws.
 */
export function openRegistry({ home, readonly = false }: RegistryOptions): Registry {
  const writable = readonly ? undefined : openForWriting(home);
  const source =
    writable === undefined ? readOnlySource(home) : { database: writable, close: () => writable.close() };
  const tracker = openTracker({ home, readonly: true });
  const close = (): void => {
    tracker.close();
    source.close();
  };
  return registryOn({ tracker, source, readonly, close });
}

/**
 * The registry of an open tracker, over its own connection: nothing is opened, and closing it closes nothing. A connection's
 * native memory is never given back, so whoever asks again and again asks this way.
 * @param options.readonly absent: as the tracker is
 */
export function registryOf(tracker: Tracker, { readonly = tracker.readonly } = {}): Registry {
  return registryOn({ tracker, source: sourceOf(tracker), readonly, close: () => undefined });
}

function registryOn({ tracker, source, readonly, close }: Ground): Registry {
  const { home } = tracker;
  const context = {
    home,
    tracker,
    get database() {
      return source.database;
    },
  };
  const toWrite = (): Database => (readonly ? refuse(home) : source.database);
  return {
    tracker,
    register: (run, registration) =>
      registerVersion(toWrite(), home, tracker.getRun(run), registration, Date.now()),
    models: () => listModels(source.database),
    version: (model, version) => findVersion(source.database, model, version),
    resolve: (typed) => resolve(source.database, tracker, typed),
    gather: (request) => gatherEvidence(context, request),
    promote: async (request, aside) => {
      const gather = (of: EvidenceRequest) => aside?.gather(home, of) ?? gatherEvidence(context, of);
      return promote({ database: toWrite(), tracker, gather }, request);
    },
    rollBack: async (request) => rollBack(toWrite(), request),
    remove(model, version, { by, reason }) {
      const said = { by: checkSaid('the name of who deletes', by), reason: checkSaid('the reason', reason) };
      deleteVersion(toWrite(), { model, version }, said, Date.now());
    },
    events: (of = {}) => readEvents(source.database, of),
    evidence(sha256) {
      const read = source.database.prepare('SELECT body FROM registry_evidence WHERE sha256 = ?').pluck();
      const body = read.get(sha256) as string | undefined;
      return body === undefined ? undefined : (JSON.parse(body) as unknown);
    },
    holdings: (span, of = {}) => holdingsAt(source.database, span, of),
    verify: (head) => verifyRegistry(context, head),
    diff: (model, a, b) => diffVersions(context, model, a, b),
    seedFamily: (run) => seedFamily(source.database, run),
    countLook: (look) =>
      readonly
        ? countUses(source.database, look.datasetDigest, look.split)
        : recordLook(source.database, look, Date.now()),
    decisions: () => listDecisions(source.database),
    close,
    [Symbol.dispose]: close,
  };
}
