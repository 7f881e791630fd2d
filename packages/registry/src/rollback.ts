import type { Database } from 'better-sqlite3';
import { aliasesOf, holders } from './aliases.ts';
import type { Canonical } from './canonical.ts';
import { appendEvent, readEvents } from './chain.ts';
import { RegistryInputError, RegistryUnknownError, SmokeCheckError } from './errors.ts';
import { namesNear } from '@atelier/base';
import type { SmokeCheck } from './promotion.ts';
import { checkSaid, type RegistryEvent, type SmokeResult } from './schema.ts';
import { findModel, findVersion } from './versions.ts';

export interface RollbackRequest {
  readonly model: string;
  readonly alias: string;
  /** Absent: the holder before the present one. */
  readonly to?: number | undefined;
  readonly by: string;
  readonly reason: string;
  readonly smokeCheck: SmokeCheck;
}

/** From whom to whom. */
interface Step {
  readonly from: number;
  readonly to: number;
}

/** @throws RegistryUnknownError, RegistryInputError where there is nobody to go back to. */
function planStep(database: Database, { model, alias, to }: RollbackRequest): Step {
  findModel(database, model);
  const stack = holders(readEvents(database, { model, alias }));
  const from = stack.at(-1);
  if (from === undefined) {
    const known = Object.keys(aliasesOf(database, model));
    throw new RegistryUnknownError(
      `alias "${alias}" of ${model}`,
      namesNear(alias, known),
      `It has: ${known.join(', ') || 'none'}.`,
    );
  }
  const before = stack.slice(0, -1);
  const target = to ?? before.at(-1);
  if (target !== undefined && before.includes(target) && target !== from) return { from, to: target };
  const others = [...new Set(before)].filter((version) => version !== from);
  const known = others.length === 0 ? `nobody held ${alias} before` : `earlier holders: ${others.join(', ')}`;
  throw new RegistryInputError(
    `${alias} of ${model} is ${from} and cannot go back to ${target ?? 'another'}: ${known}`,
  );
}

/**
 * Gives an alias back to an earlier holder; itself an event of the history.
 * @throws SmokeCheckError where that version does not answer any more; where it cannot be tried, the event says so.
 */
export async function rollBack(
  database: Database,
  request: RollbackRequest,
): Promise<{ event: RegistryEvent; from: number; smoke: SmokeResult }> {
  const reason = checkSaid('the reason of the rollback', request.reason);
  const by = checkSaid('the name of who rolls back', request.by);
  const { model, alias } = request;
  const planned = planStep(database, request);
  const target = findVersion(database, model, planned.to);
  const smoke = await request.smokeCheck(target, 'test');
  if (smoke.status === 'failed')
    throw new SmokeCheckError(`version ${target.version} of ${model}`, smoke.detail);
  const write = database.transaction(() => {
    const now = planStep(database, request);
    if (now.from !== planned.from || now.to !== planned.to) {
      throw new RegistryInputError(`${alias} of ${model} moved in the meantime: it is ${now.from} now`);
    }
    findVersion(database, model, now.to);
    const body = { from: now.from, reason, smoke: smoke as unknown as Canonical };
    return appendEvent(
      database,
      { kind: 'rolled-back', model, version: now.to, alias, by, body },
      Date.now(),
    );
  });
  return { event: write.immediate(), from: planned.from, smoke };
}
