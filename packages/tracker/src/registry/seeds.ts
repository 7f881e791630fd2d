import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { JsonObject } from '../schema.ts';
import { canonicalJson, type Canonical } from './canonical.ts';

/** A run of a seed family with the seed it had. */
export interface SeedRun {
  readonly runId: number;
  readonly seed: number;
}

const Seeded = z.object({ seed: z.number() });

/** What two runs of one family share: the configuration but its seed, as canonical JSON. */
function familyOf(config: JsonObject): string {
  const rest = Object.entries(config).filter(([name]) => name !== 'seed');
  return canonicalJson(Object.fromEntries(rest) as Canonical);
}

interface ConfigRow {
  id: number;
  config: string;
}

/**
 * The finished runs of a run's project and dataset whose configuration differs in nothing but `seed`, one per seed (of
 * several of one seed the run itself, else the newest), by seed. Only the run itself where its configuration has none.
 * @param among only these runs count, where given.
 */
export function seedFamily(database: Database, runId: number, among?: readonly number[]): SeedRun[] {
  const own = database.prepare<[number], ConfigRow>('SELECT id, config FROM runs WHERE id = ?').get(runId);
  const config = own && JsonObject.parse(JSON.parse(own.config));
  const seed = Seeded.safeParse(config).data?.seed;
  if (config === undefined || seed === undefined) return [{ runId, seed: 0 }];
  const family = familyOf(config);
  const rows = database
    .prepare<[object], ConfigRow>(
      `SELECT r.id, r.config FROM runs r JOIN runs own ON own.id = $id
       WHERE r.project = own.project AND r.dataset_digest IS own.dataset_digest
         AND (r.status = 'FINISHED' OR r.id = $id)
       ORDER BY r.id = $id, r.id`,
    )
    .all({ id: runId });
  const bySeed = new Map<number, number>();
  for (const row of rows) {
    if (among?.includes(row.id) === false) continue;
    const other = JsonObject.parse(JSON.parse(row.config));
    const otherSeed = Seeded.safeParse(other).data?.seed;
    if (otherSeed !== undefined && familyOf(other) === family) bySeed.set(otherSeed, row.id);
  }
  return [...bySeed].map(([of, id]) => ({ runId: id, seed: of })).sort((a, b) => a.seed - b.seed);
}
