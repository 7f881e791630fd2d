import { summarizeSeeds } from '@atelier/metrics';
import type { Database } from 'better-sqlite3';
import type { ParameterValue } from '../schema.ts';
import { nanFromNull } from '../store/nan.ts';

/** A metric over the runs of a family. `low` and `high`: 95 % interval of the mean by Student's t; absent for one run. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of the sample (n - 1); absent for one run. */
  readonly sd?: number;
  readonly low?: number;
  readonly high?: number;
  readonly min: number;
  readonly max: number;
}

/** Finished runs of one project and dataset whose settings differ in nothing but seeds; of several of one seed the newest. */
export interface SeedFamily {
  readonly family: string;
  readonly project: string;
  readonly datasetDigest?: string;
  /** Name of the newest run. */
  readonly name: string;
  /** Newest first, with the value of the setting `seed` where there is one. */
  readonly runs: readonly { readonly id: number; readonly name: string; readonly seed: ParameterValue }[];
  readonly metrics: Readonly<Record<string, Spread>>;
}

export interface FamilyFilter {
  readonly project?: string | undefined;
  readonly family?: string | undefined;
  /** At least this many seeds (2). */
  readonly atLeast?: number | undefined;
  /** At most this many families, those with the newest runs first (100). */
  readonly limit?: number | undefined;
  readonly metrics?: readonly string[] | undefined;
}

/** Mean, spread and 95 % interval of numbers; runs whose value is NaN make it NaN, as they should. */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const extremes = { min: Math.min(...values), max: Math.max(...values) };
  const known = values.every(Number.isFinite);
  const mean = known ? undefined : values.reduce((sum, value) => sum + value, 0);
  if (mean !== undefined) return { n, mean, ...(n > 1 && { sd: NaN, low: NaN, high: NaN }), ...extremes };
  const found = summarizeSeeds(values);
  return { n, mean: found.mean, ...(n > 1 && { sd: found.deviation, ...found.interval }), ...extremes };
}

interface FamilyRow {
  family: string;
  project: string;
  digest: string | null;
}

const SEEDED = `runs LEFT JOIN parameters p ON p.run_id = runs.id AND p.name = 'seed'`;
/** A replay of a seed says nothing new of how seeds differ. A run without one stands for itself. */
const SEED = `coalesce(p.number, 'run ' || runs.id)`;

const FAMILIES = `
  SELECT family, project, dataset_digest AS digest FROM ${SEEDED}
  WHERE status = 'FINISHED' AND deleted_at IS NULL AND family IS NOT NULL
    AND project = coalesce(?, project) AND family = coalesce(?, family)
  GROUP BY family, dataset_digest HAVING count(DISTINCT ${SEED}) >= ? ORDER BY max(runs.id) DESC LIMIT ?`;

/** SQLite takes name and seed from the row with the greatest id. */
const MEMBERS = `
  SELECT max(runs.id) AS id, runs.name, p.number AS seed FROM ${SEEDED}
  WHERE family = ? AND dataset_digest IS ? AND status = 'FINISHED' AND deleted_at IS NULL
  GROUP BY ${SEED} ORDER BY id DESC`;

const VALUES = `
  SELECT k.name, m.value FROM latest_metrics m JOIN metric_keys k ON k.id = m.key_id
  WHERE m.run_id IN (SELECT value FROM json_each(?)) ORDER BY k.name, m.run_id`;

function metricsOf(database: Database, ids: readonly number[], only: readonly string[] | undefined) {
  const values = new Map<string, number[]>();
  const rows = database
    .prepare<[string], { name: string; value: number | null }>(VALUES)
    .all(JSON.stringify(ids));
  for (const { name, value } of rows) {
    if (only !== undefined && !only.includes(name)) continue;
    const list = values.get(name) ?? [];
    values.set(name, list);
    list.push(nanFromNull(value));
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, spreadOf(list)]));
}

/** Seed families with the spread of each metric, those with the newest runs first. */
export function seedFamilies(database: Database, filter: FamilyFilter): SeedFamily[] {
  const { project = null, family = null, atLeast = 2, limit = 100, metrics } = filter;
  const read = database.transaction(() =>
    database
      .prepare<unknown[], FamilyRow>(FAMILIES)
      .all(project, family, atLeast, limit)
      .map((row): SeedFamily => {
        const runs = database
          .prepare<unknown[], { id: number; name: string; seed: number | null }>(MEMBERS)
          .all(row.family, row.digest);
        return {
          family: row.family,
          project: row.project,
          ...(row.digest !== null && { datasetDigest: row.digest }),
          name: runs[0]!.name,
          runs,
          metrics: metricsOf(
            database,
            runs.map((run) => run.id),
            metrics,
          ),
        };
      }),
  );
  return read();
}
