import type { Database } from 'better-sqlite3';
import { readEvents } from './chain.ts';
import type { RegistryEvent } from './schema.ts';

/**
 * Who held an alias, one on top of the other: a promotion puts its version on top, a rollback takes away whatever lies
 * above the version it went back to. The last one holds it now.
 */
export function holders(events: readonly RegistryEvent[]): number[] {
  const stack: number[] = [];
  for (const { kind, version } of events) {
    if (kind === 'promoted') stack.push(version);
    if (kind === 'rolled-back') stack.length = stack.lastIndexOf(version, stack.length - 2) + 1;
  }
  return stack;
}

/** The version that an alias names, now or at a time; undefined where it names none. */
export function holderOf(
  database: Database,
  model: string,
  alias: string,
  until?: number,
): number | undefined {
  return holders(readEvents(database, { model, alias, until })).at(-1);
}

/** Every alias of a model with the version it names. */
export function aliasesOf(database: Database, model: string): Record<string, number> {
  const names = database
    .prepare<[string], string>(
      'SELECT DISTINCT alias FROM registry_events WHERE model = ? AND alias IS NOT NULL ORDER BY alias',
    )
    .pluck()
    .all(model) as string[];
  return Object.fromEntries(
    names.flatMap((alias) => {
      const version = holderOf(database, model, alias);
      return version === undefined ? [] : [[alias, version]];
    }),
  );
}
