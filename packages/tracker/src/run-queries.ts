import type { Database } from 'better-sqlite3';
import { and, desc, eq, isNull, lt, sql, type SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { namesNear } from '@atelier/base';
import { z } from 'zod';
import { nanFromNull } from './store/nan.ts';
import { RunUnknownError } from './errors.ts';
import { deadRuns } from './liveness.ts';
import type { DeadRun } from './recovery.ts';
import { fromCells } from './parameters.ts';
import { JsonObject, RunEnvironment, type Run, type RunStatus, type RunSummary } from './schema.ts';
import { predictions } from './tables/ledgers.ts';
import { artifacts, owners, parameters, runs } from './tables/runs.ts';

export interface RunFilter {
  readonly project?: string | undefined;
  readonly status?: RunStatus | undefined;
  /** At most this many, 100 where absent. */
  readonly limit?: number | undefined;
  /** Only runs with a smaller id: the last id of the page before gives the next page. */
  readonly before?: number | undefined;
}

const Tags = z.array(z.string());

const UNKNOWN: RunEnvironment = {
  machine: { cpu: 'unknown', cores: 1, memoryBytes: 0, platform: 'unknown', arch: 'unknown' },
  node: 'unknown',
  engine: { name: 'unknown', version: '', threads: 1, precision: '' },
  command: [],
};

/** What a column of JSON holds, or `otherwise`: one damaged row must not take the list with it. */
function fromJson<T>(schema: z.ZodType<T>, text: string, otherwise: T): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return otherwise;
  }
}

const SUMMARY_COLUMNS = {
  id: runs.id,
  project: runs.project,
  group: runs.group,
  name: runs.name,
  status: runs.status,
  tags: runs.tags,
  engine: runs.engine,
  datasetDigest: runs.datasetDigest,
  createdAt: runs.createdAt,
  deletedAt: runs.deletedAt,
  startedAt: runs.startedAt,
  endedAt: runs.endedAt,
};

type SummaryRow = Pick<typeof runs.$inferSelect, keyof typeof SUMMARY_COLUMNS>;

function toSummary(
  stored: SummaryRow,
  metrics: Readonly<Record<string, number>>,
  dead: ReadonlyMap<number, DeadRun>,
): RunSummary {
  const death = stored.status === 'RUNNING' ? dead.get(stored.id) : undefined;
  const row =
    death === undefined ? stored : { ...stored, status: 'FAILED' as const, endedAt: death.heartbeatAt };
  return {
    id: row.id,
    project: row.project,
    ...(row.group !== null && { group: row.group }),
    name: row.name,
    status: row.status,
    tags: fromJson(Tags, row.tags, []),
    engine: row.engine,
    ...(row.datasetDigest !== null && { datasetDigest: row.datasetDigest }),
    createdAt: row.createdAt,
    ...(row.deletedAt !== null && { deletedAt: row.deletedAt }),
    startedAt: row.startedAt,
    ...(row.endedAt !== null && { endedAt: row.endedAt, durationMs: row.endedAt - row.startedAt }),
    metrics,
  };
}

/** Last values of all curves of these runs, overlaid with their summaries. */
function metricsOf(
  database: Database,
  ids: readonly number[],
  only?: readonly string[],
): Map<number, Record<string, number>> {
  const found = new Map(ids.map((id) => [id, [] as [name: string, value: number][]]));
  const names =
    only === undefined
      ? ''
      : ' AND key_id IN (SELECT id FROM metric_keys WHERE name IN (SELECT value FROM json_each(?)))';
  const rows = database
    .prepare<string[], { runId: number; name: string; value: number | null }>(
      `SELECT run_id AS runId, name, value FROM latest_metrics JOIN metric_keys ON metric_keys.id = key_id
       WHERE run_id IN (SELECT value FROM json_each(?))${names}`,
    )
    .all(JSON.stringify(ids), ...(only === undefined ? [] : [JSON.stringify(only)]));
  for (const { runId, name, value } of rows) found.get(runId)!.push([name, nanFromNull(value)]);
  // not by assignment, which a metric called `__proto__` survives
  return new Map([...found].map(([id, values]) => [id, Object.fromEntries(values)]));
}

function prepareSummaries(database: Database) {
  return drizzle(database)
    .select(SUMMARY_COLUMNS)
    .from(runs)
    .where(sql`${runs.id} IN (SELECT value FROM json_each(${sql.placeholder('ids')}))`)
    .prepare();
}

/** Building the query takes longer than asking it. */
const summaryQueries = new WeakMap<Database, ReturnType<typeof prepareSummaries>>();

function summaryRows(database: Database, ids: readonly number[]): SummaryRow[] {
  let query = summaryQueries.get(database);
  if (query === undefined) summaryQueries.set(database, (query = prepareSummaries(database)));
  return query.all({ ids: JSON.stringify(ids) });
}

/** These runs in this order; of the metrics all or only those. */
export function summariesOf(
  database: Database,
  ids: readonly number[],
  only?: readonly string[],
): RunSummary[] {
  const rows = summaryRows(database, ids);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const metrics = metricsOf(database, ids, only);
  const dead = deadRuns(database);
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [toSummary(row, metrics.get(id)!, dead)];
  });
}

/** The stored status, but FAILED where the run's process is gone. */
function statusNow(dead: ReadonlyMap<number, DeadRun>): SQL {
  if (dead.size === 0) return sql`${runs.status}`;
  const ids = JSON.stringify([...dead.keys()]);
  return sql`iif(${runs.status} = 'RUNNING' AND ${runs.id} IN (SELECT value FROM json_each(${ids})), 'FAILED', ${runs.status})`;
}

/** Newest first. Reads neither curves nor configurations. */
export function listRuns(database: Database, filter: RunFilter): RunSummary[] {
  const { project, status, limit = 100, before } = filter;
  const read = database.transaction(() => {
    const dead = deadRuns(database);
    const rows = drizzle(database)
      .select(SUMMARY_COLUMNS)
      .from(runs)
      .where(
        and(
          isNull(runs.deletedAt),
          project === undefined ? undefined : eq(runs.project, project),
          status === undefined ? undefined : sql`${statusNow(dead)} = ${status}`,
          before === undefined ? undefined : lt(runs.id, before),
        ),
      )
      .orderBy(desc(runs.id))
      .limit(limit)
      .all();
    const metrics = metricsOf(
      database,
      rows.map((row) => row.id),
    );
    return rows.map((row) => toSummary(row, metrics.get(row.id)!, dead));
  });
  return read();
}

function parametersOf(database: Database, id: number): Run['parameters'] {
  const rows = drizzle(database).select().from(parameters).where(eq(parameters.runId, id)).all();
  return Object.fromEntries(rows.map((row) => [row.name, fromCells(row)]));
}

function recordsOf(database: Database, id: number): Pick<Run, 'artifacts' | 'ledgers'> {
  const db = drizzle(database);
  const files = db.select().from(artifacts).where(eq(artifacts.runId, id)).all();
  const { split, checkpoint, datasetDigest, count } = predictions;
  return {
    artifacts: files.map(({ runId: _, ...artifact }) => artifact),
    ledgers: db
      .select({ split, checkpoint, datasetDigest, count })
      .from(predictions)
      .where(eq(predictions.runId, id))
      .orderBy(predictions.id)
      .all(),
  };
}

function errorOf(row: typeof runs.$inferSelect, death: DeadRun | undefined): Pick<Run, 'error'> {
  if (row.status === 'RUNNING' && death !== undefined) {
    return { error: { code: 'PROCESS_DIED', message: death.reason } };
  }
  if (row.errorCode === null) return {};
  const step = row.errorStep === null ? {} : { step: row.errorStep };
  return { error: { code: row.errorCode, message: row.errorMessage ?? '', ...step } };
}

/** @throws RunUnknownError where no run has this id. */
export function getRun(database: Database, id: number): Run {
  const read = database.transaction((): Run => {
    const db = drizzle(database);
    const row = db.select().from(runs).where(eq(runs.id, id)).get();
    if (row === undefined) throw new RunUnknownError(id);
    const dead = deadRuns(database);
    const owner = db.select().from(owners).where(eq(owners.runId, id)).get();
    return {
      ...toSummary(row, metricsOf(database, [id]).get(id)!, dead),
      config: fromJson(JsonObject, row.config, {}),
      parameters: parametersOf(database, id),
      environment: fromJson(RunEnvironment, row.environment, UNKNOWN),
      ...(row.notes !== null && { notes: row.notes }),
      ...errorOf(row, dead.get(id)),
      ...(row.family !== null && { family: row.family }),
      ...(owner !== undefined && { heartbeatAt: owner.heartbeatAt }),
      ...recordsOf(database, id),
    };
  });
  return read();
}

/** Up to three names of runs that look like what was typed. */
function nearestNames(database: Database, typed: string): string[] {
  const names = drizzle(database)
    .selectDistinct({ name: runs.name })
    .from(runs)
    .orderBy(desc(runs.id))
    .limit(5000);
  return namesNear(
    typed,
    names.all().map(({ name }) => name),
  );
}

/**
 * The id of the run that a user means by its id or name; of several of one name the newest.
 * @throws RunUnknownError with the nearest names.
 */
export function findRunId(database: Database, typed: string): number {
  const db = drizzle(database);
  const named = db
    .select({ id: runs.id })
    .from(runs)
    .where(eq(runs.name, typed))
    .orderBy(desc(runs.id))
    .limit(1)
    .get();
  if (named !== undefined) return named.id;
  const id = /^\d+$/.test(typed) ? Number(typed) : undefined;
  const numbered =
    id === undefined ? undefined : db.select({ id: runs.id }).from(runs).where(eq(runs.id, id)).get();
  if (numbered !== undefined) return numbered.id;
  throw new RunUnknownError(typed, nearestNames(database, typed));
}
