import type { Database } from 'better-sqlite3';
import { RunUnknownError, type Tracker } from '@atelier/tracker';
import { aliasesOf } from './aliases.ts';
import { RegistryUnknownError } from './errors.ts';
import { namesNear } from '@atelier/base';
import type { ModelVersion } from './schema.ts';
import { findModel, findVersion } from './versions.ts';

/** What a user typed where a run or a version is meant. */
export interface Resolved {
  readonly runId: number;
  /** Where a version was named. */
  readonly version: ModelVersion | undefined;
}

/**
 * The version of `model@alias` or `model@12`.
 * @throws RegistryUnknownError with the nearest names.
 */
export function resolveVersion(database: Database, model: string, which: string): ModelVersion {
  const { name } = findModel(database, model);
  if (/^\d+$/.test(which)) return findVersion(database, name, Number(which));
  const aliases = aliasesOf(database, name);
  const version = aliases[which];
  if (version !== undefined) return findVersion(database, name, version);
  const known = Object.keys(aliases);
  const more = known.length === 0 ? `${name} has no aliases yet.` : `${name} has: ${known.join(', ')}.`;
  throw new RegistryUnknownError(`alias "${which}" of ${name}`, namesNear(which, known), more);
}

/**
 * A run's id or name, `model@alias` or `model@12`. A run whose name holds an @ comes before a model of that name.
 * @throws RunUnknownError, RegistryUnknownError with the nearest names.
 */
export function resolve(database: Database, tracker: Pick<Tracker, 'findRunId'>, typed: string): Resolved {
  try {
    return { runId: tracker.findRunId(typed), version: undefined };
  } catch (error) {
    const at = typed.lastIndexOf('@');
    if (!(error instanceof RunUnknownError) || at < 1) throw error;
    const version = resolveVersion(database, typed.slice(0, at), typed.slice(at + 1));
    return { runId: version.runId, version };
  }
}
