import { canonicalJson } from '@atelier/base';
import type { Database } from 'better-sqlite3';
import { digestOf } from './canonical.ts';

/** A look at a split to judge one run (`runB` absent) or two. */
export interface Look {
  readonly datasetDigest: string;
  readonly split: string;
  /** Below 0: a model of no run, by its weights. */
  readonly runA: number;
  readonly runB: number | undefined;
  /** What looked, as the user typed it. */
  readonly command: string;
}

export interface Decision extends Look {
  readonly id: number;
  readonly at: number;
}

/** How often a split has been used to judge. Looking again at the same pair tells nothing new and is no new use. */
export interface SplitUse {
  /** The last look that is counted; 0 where there was none. */
  readonly lastId: number;
  readonly looks: number;
  /** Different judgements: pairs of runs, whichever came first, and single runs. */
  readonly uses: number;
}

/** Counts the looks at a split, all of them or those up to and including `lastId`. */
export function countUses(
  database: Database,
  datasetDigest: string,
  split: string,
  lastId = Number.MAX_SAFE_INTEGER,
): SplitUse {
  const row = database
    .prepare<[string, string, number], { last: number | null; looks: number; uses: number }>(
      `SELECT max(id) AS last, count(*) AS looks,
         count(DISTINCT CASE WHEN run_b IS NULL THEN run_a || ''
           ELSE min(run_a, run_b) || '/' || max(run_a, run_b) END) AS uses
       FROM decisions WHERE dataset_digest = ? AND split = ? AND id <= ?`,
    )
    .get(datasetDigest, split, lastId)!;
  return { lastId: row.last ?? 0, looks: row.looks, uses: row.uses };
}

/** Counts this look and says how often the split has been used, this use included. */
export function recordLook(database: Database, look: Look, now: number): SplitUse {
  const { datasetDigest, split, runA, runB, command } = look;
  const record = database.transaction((): SplitUse => {
    database
      .prepare(
        'INSERT INTO decisions (at, dataset_digest, split, run_a, run_b, command) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(now, datasetDigest, split, runA, runB ?? null, command);
    return countUses(database, datasetDigest, split);
  });
  return record.immediate();
}

interface DecisionRow {
  id: number;
  at: number;
  dataset_digest: string;
  split: string;
  run_a: number;
  run_b: number | null;
  command: string;
}

/** Every look, newest first. */
export function listDecisions(database: Database): Decision[] {
  return database
    .prepare<[], DecisionRow>('SELECT * FROM decisions ORDER BY id DESC')
    .all()
    .map(({ id, at, dataset_digest: datasetDigest, split, run_a: runA, run_b: runB, command }) => ({
      id,
      at,
      datasetDigest,
      split,
      runA,
      runB: runB ?? undefined,
      command,
    }));
}

/** SHA-256 of all looks at a split up to and including `lastId`: what a promotion freezes, so that none can be altered. */
export function digestLooks(
  database: Database,
  datasetDigest: string,
  split: string,
  lastId: number,
): string {
  const looks = listDecisions(database).filter(
    (look) => look.datasetDigest === datasetDigest && look.split === split && look.id <= lastId,
  );
  return digestOf(canonicalJson(looks));
}
