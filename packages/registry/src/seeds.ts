import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** A run of a seed family with the seed it had. */
export interface SeedRun {
  readonly runId: number;
  readonly seed: number;
}

const Seeded = z.object({ seed: z.number() });

interface ConfigRow {
  id: number;
  config: string;
}

/**
 * The finished runs of a run's project and dataset whose configuration differs in nothing but `seed`, one per seed (of
 * several of one seed the run itself, else the newest), by seed. Only the run itself where its configuration has none.
 * @param among only these runs count, where given, also those in the trash: what was judged by them is judged again.
 */
export function seedFamily(database: Database, runId: number, among?: readonly number[]): SeedRun[] {
  const own = database.prepare<[number], ConfigRow>('SELECT id, config FROM runs WHERE id = ?').get(runId);
  const seed = own && Seeded.safeParse(JSON.parse(own.config)).data?.seed;
  if (seed === undefined) return [{ runId, seed: 0 }];
  const rows = database
    .prepare<[object], ConfigRow>(
      `SELECT r.id, r.config FROM runs r JOIN runs own ON own.id = $id
       WHERE r.family = own.family AND r.dataset_digest IS own.dataset_digest
         AND (r.id = $id OR r.status = 'FINISHED' AND ($removed OR r.deleted_at IS NULL))
       ORDER BY r.id = $id, r.id`,
    )
    .all({ id: runId, removed: among === undefined ? 0 : 1 });
  const bySeed = new Map<number, number>();
  for (const row of rows) {
    if (among?.includes(row.id) === false) continue;
    const otherSeed = Seeded.safeParse(JSON.parse(row.config)).data?.seed;
    if (otherSeed !== undefined) bySeed.set(otherSeed, row.id);
  }
  return [...bySeed].map(([of, id]) => ({ runId: id, seed: of })).sort((a, b) => a.seed - b.seed);
}
