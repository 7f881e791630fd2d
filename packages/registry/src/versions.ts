import { canonicalJson } from '@atelier/base';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { loadArtifact, type Run } from '@atelier/tracker';
import { aliasesOf } from './aliases.ts';
import { digestOf } from './canonical.ts';
import { recordDigest } from './record.ts';
import { appendEvent } from './chain.ts';
import { RegistryInputError, RegistryUnknownError } from './errors.ts';
import { namesNear } from '@atelier/base';
import { checkModelName, VersionFile, type ModelVersion, type RegisteredModel } from './schema.ts';

interface VersionRow {
  model: string;
  version: number;
  run_id: number;
  run_name: string;
  checkpoint: string | null;
  dataset_digest: string | null;
  files: string;
  files_sha256: string;
  notes: string | null;
  created_at: number;
  deleted_at: number | null;
}

const SELECT = `SELECT m.name AS model, v.version, v.run_id, r.name AS run_name, v.checkpoint, v.dataset_digest, v.files,
    v.files_sha256, v.notes, v.created_at, v.deleted_at
  FROM model_versions v JOIN models m ON m.id = v.model_id JOIN runs r ON r.id = v.run_id`;

function toVersion(row: VersionRow, aliases: Readonly<Record<string, number>>): ModelVersion {
  return {
    model: row.model,
    version: row.version,
    runId: row.run_id,
    runName: row.run_name,
    checkpoint: row.checkpoint ?? undefined,
    datasetDigest: row.dataset_digest ?? undefined,
    files: z.array(VersionFile).parse(JSON.parse(row.files)),
    filesSha256: row.files_sha256,
    notes: row.notes ?? undefined,
    createdAt: row.created_at,
    deletedAt: row.deleted_at ?? undefined,
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === row.version),
  };
}

interface ModelRow {
  id: number;
  name: string;
  created_at: number;
}

function modelRows(database: Database): ModelRow[] {
  return database.prepare<[], ModelRow>('SELECT id, name, created_at FROM models ORDER BY name').all();
}

/** @throws RegistryUnknownError with the nearest names. */
export function findModel(database: Database, name: string): ModelRow {
  const rows = modelRows(database);
  const found = rows.find((row) => row.name === name);
  if (found !== undefined) return found;
  const names = rows.map((row) => row.name);
  const more =
    names.length === 0 ? 'Register one: `npx nx run tracker:registry register <model> --run=<run>`.' : '';
  throw new RegistryUnknownError(`model "${name}"`, namesNear(name, names), more);
}

/** Newest first, deleted ones included. */
export function versionsOf(database: Database, model: string): ModelVersion[] {
  const { id, name } = findModel(database, model);
  const aliases = aliasesOf(database, name);
  return database
    .prepare<[number], VersionRow>(`${SELECT} WHERE v.model_id = ? ORDER BY v.version DESC`)
    .all(id)
    .map((row) => toVersion(row, aliases));
}

/** @throws RegistryUnknownError where the model has no such version, or it was deleted and `deleted` does not say so. */
export function findVersion(
  database: Database,
  model: string,
  version: number,
  { deleted = false } = {},
): ModelVersion {
  const versions = versionsOf(database, model);
  const found = versions.find((candidate) => candidate.version === version);
  if (found !== undefined && (deleted || found.deletedAt === undefined)) return found;
  const alive = versions.filter(({ deletedAt }) => deletedAt === undefined).map((of) => of.version);
  const known = alive.length === 0 ? 'It has none.' : `It has ${alive.join(', ')}.`;
  const gone = found === undefined ? '' : ` (it was deleted on ${new Date(found.deletedAt!).toISOString()})`;
  throw new RegistryUnknownError(`version ${version} of ${model}${gone}`, [], known);
}

export function listModels(database: Database): RegisteredModel[] {
  return modelRows(database).map(({ name, created_at: createdAt }) => ({
    name,
    createdAt,
    aliases: aliasesOf(database, name),
    versions: versionsOf(database, name).filter(({ deletedAt }) => deletedAt === undefined),
  }));
}

/** What is to become a version. */
export interface Registration {
  readonly model: string;
  /** Artifacts whose path begins so are the version's files: `model/`. */
  readonly files?: string | undefined;
  /** Of the ledgers that judge it; absent: of the newest ledger of the test split, else of the validation split. */
  readonly checkpoint?: string | undefined;
  readonly notes?: string | undefined;
  readonly by: string;
}

function filesOf(run: Run, prefix: string): VersionFile[] {
  const chosen = run.artifacts.filter(({ path }) => path.startsWith(prefix));
  if (chosen.length === 0) {
    const known = run.artifacts.map(({ path }) => path).join(', ') || 'none';
    throw new RegistryInputError(
      `run ${run.id} (${run.name}) has no artifacts under "${prefix}"; it has: ${known}. --files=<prefix> names others`,
    );
  }
  return chosen
    .map(({ path, sha256, size }) => ({ path, sha256, size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function checkpointOf(run: Run, typed: string | undefined): string | undefined {
  const newestFirst = run.ledgers.toReversed();
  if (typed === undefined) {
    return (newestFirst.find(({ split }) => split === 'test') ?? newestFirst[0])?.checkpoint;
  }
  const known = [...new Set(run.ledgers.map(({ checkpoint }) => checkpoint))];
  if (known.includes(typed)) return typed;
  throw new RegistryUnknownError(
    `checkpoint "${typed}" among the ledgers of run ${run.id} (${run.name})`,
    namesNear(typed, known),
    `It has: ${known.join(', ') || 'none'}.`,
  );
}

/** A model's row, made where there is none yet, with the next version number taken. */
function takeNumber(database: Database, model: string, now: number): { modelId: number; version: number } {
  const known = database.prepare<[string], { id: number }>('SELECT id FROM models WHERE name = ?').get(model);
  const modelId =
    known?.id ??
    Number(
      database.prepare('INSERT INTO models (name, last_version, created_at) VALUES (?, 0, ?)').run(model, now)
        .lastInsertRowid,
    );
  const version = database
    .prepare<[number], number>(
      'UPDATE models SET last_version = last_version + 1 WHERE id = ? RETURNING last_version',
    )
    .pluck()
    .get(modelId) as number;
  return { modelId, version };
}

function sameContent(database: Database, model: string, runId: number, sha256: string, checkpoint?: string) {
  const known = database.prepare('SELECT 1 FROM models WHERE name = ?').get(model) !== undefined;
  if (!known) return undefined;
  return versionsOf(database, model).find(
    (of) =>
      of.deletedAt === undefined &&
      of.runId === runId &&
      of.filesSha256 === sha256 &&
      of.checkpoint === checkpoint,
  );
}

/**
 * Registers files of a run as the next version of a model; the same files of the same run again are the version they
 * already are (`created: false`).
 * @throws RegistryInputError for a running run or one without such files; ArtifactError where a file is gone or damaged.
 */
export function registerVersion(
  database: Database,
  home: string,
  run: Run,
  registration: Registration,
  now: number,
): { version: ModelVersion; created: boolean } {
  const model = checkModelName(registration.model);
  if (run.status === 'RUNNING') {
    throw new RegistryInputError(
      `run ${run.id} (${run.name}) is still RUNNING: register it when it has ended`,
    );
  }
  const files = filesOf(run, registration.files ?? 'model/');
  for (const { sha256 } of files) loadArtifact(home, sha256);
  const checkpoint = checkpointOf(run, registration.checkpoint);
  const filesSha256 = digestOf(canonicalJson(files));
  const write = database.transaction(() => {
    const same = sameContent(database, model, run.id, filesSha256, checkpoint);
    if (same !== undefined) return { number: same.version, created: false };
    const { modelId, version } = takeNumber(database, model, now);
    const notes = registration.notes;
    database
      .prepare(
        `INSERT INTO model_versions (model_id, version, run_id, checkpoint, dataset_digest, files, files_sha256, notes,
           created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        modelId,
        version,
        run.id,
        checkpoint ?? null,
        run.datasetDigest ?? null,
        JSON.stringify(files),
        filesSha256,
        notes ?? null,
        now,
      );
    const body = {
      run: { id: run.id, name: run.name },
      checkpoint,
      dataset: run.datasetDigest,
      files: files.map((file) => ({ ...file })),
      filesSha256,
      recordSha256: recordDigest(database, run.id),
      notes,
    };
    appendEvent(database, { kind: 'registered', model, version, by: registration.by, body }, now);
    return { number: version, created: true };
  });
  const { number, created } = write.immediate();
  return { version: findVersion(database, model, number), created };
}

/**
 * Takes a version out of use; its number stays taken and its history stays.
 * @throws RegistryInputError where an alias names it.
 */
export function deleteVersion(
  database: Database,
  version: { readonly model: string; readonly version: number },
  { by, reason }: { readonly by: string; readonly reason: string },
  now: number,
): void {
  const write = database.transaction(() => {
    const found = findVersion(database, version.model, version.version);
    if (found.aliases.length > 0) {
      throw new RegistryInputError(
        `${found.model} ${found.version} is ${found.aliases.join(', ')}: move the alias first (promote another version, or rollback)`,
      );
    }
    const { id } = findModel(database, found.model);
    database
      .prepare('UPDATE model_versions SET deleted_at = ? WHERE model_id = ? AND version = ?')
      .run(now, id, found.version);
    appendEvent(
      database,
      { kind: 'deleted', model: found.model, version: found.version, by, body: { reason } },
      now,
    );
  });
  write.immediate();
}
