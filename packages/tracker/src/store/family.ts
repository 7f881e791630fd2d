import type { Database } from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { JsonObject } from '../schema.ts';

/** JSON with sorted keys; settings called `seed`, at any depth, are left out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'seed')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** 64 hex digits that all runs of one project share whose settings differ in nothing but seeds. */
export function familyOf(project: string, config: JsonObject): string {
  return createHash('sha256')
    .update(`${JSON.stringify(project)}\n${canonical(config)}`)
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
