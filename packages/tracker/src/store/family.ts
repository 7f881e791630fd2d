import { canonicalJson } from '@atelier/base';
import type { Database } from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { JsonObject } from '../schema.ts';

/** Without settings called `seed`, at any depth. */
function withoutSeeds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSeeds);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'seed');
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutSeeds(item)]));
}

/** 64 hex digits that all runs of one project share whose settings differ in nothing but seeds. */
export function familyOf(project: string, config: JsonObject): string {
  return createHash('sha256')
    .update(`${JSON.stringify(project)}\n${canonicalJson(withoutSeeds(config))}`)
    .digest('hex');
}

/** Gives runs of before there were families theirs. */
export function fillFamilies(database: Database): void {
  const rows = database
    .prepare<[], { id: number; project: string; config: string }>(
      'SELECT id, project, config FROM runs WHERE family IS NULL',
    )
    .all();
  const update = database.prepare('UPDATE runs SET family = ? WHERE id = ?');
  for (const { id, project, config } of rows) {
    const parsed = JsonObject.safeParse(JSON.parse(config));
    if (parsed.success) update.run(familyOf(project, parsed.data), id);
  }
}
