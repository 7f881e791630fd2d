import type { Database } from 'better-sqlite3';
import { and, desc, eq, inArray, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { nanFromNull } from './store/nan.ts';
import { RunUnknownError } from './errors.ts';
import { fromCells } from './parameters.ts';
import { JsonObject, RunEnvironment, type Run, type RunStatus, type RunSummary } from './schema.ts';
import {
  artifacts,
  latestMetrics,
  metricKeys,
  owners,
  parameters,
  predictions,
  runs,
  summaries,
} from './tables.ts';

export interface RunFilter {
  readonly project?: string | undefined;
  readonly status?: RunStatus | undefined;
  /** At most this many, 100 where absent. */
  readonly limit?: number | undefined;
  /** Only runs with a smaller id: the last id of the page before gives the next page. */
  readonly before?: number | undefined;
}

const Tags = z.array(z.string());

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
  startedAt: runs.startedAt,
  endedAt: runs.endedAt,
};

type SummaryRow = Pick<typeof runs.$inferSelect, keyof typeof SUMMARY_COLUMNS>;

function toSummary(row: SummaryRow, metrics: Readonly<Record<string, number>>): RunSummary {
  return {
    id: row.id,
    project: row.project,
    ...(row.group !== null && { group: row.group }),
    name: row.name,
    status: row.status,
    // one damaged row must not take the list with it
    tags: Tags.catch([]).parse(JSON.parse(row.tags)),
    engine: row.engine,
    ...(row.datasetDigest !== null && { datasetDigest: row.datasetDigest }),
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    ...(row.endedAt !== null && { endedAt: row.endedAt, durationMs: row.endedAt - row.startedAt }),
    metrics,
  };
}

/** Last values of all curves of these runs, overlaid with their summaries. */
function metricsOf(database: Database, ids: readonly number[]): Map<number, Record<string, number>> {
  const db = drizzle(database);
  const found = new Map<number, Record<string, number>>(ids.map((id) => [id, {}]));
  const last = db
    .select({ runId: latestMetrics.runId, name: metricKeys.name, value: latestMetrics.last })
    .from(latestMetrics)
    .innerJoin(metricKeys, eq(metricKeys.id, latestMetrics.keyId))
    .where(inArray(latestMetrics.runId, [...ids]));
  const summary = db
    .select({ runId: summaries.runId, name: metricKeys.name, value: summaries.value })
    .from(summaries)
    .innerJoin(metricKeys, eq(metricKeys.id, summaries.keyId))
    .where(inArray(summaries.runId, [...ids]));
  for (const { runId, name, value } of [...last.all(), ...summary.all()]) {
    found.get(runId)![name] = nanFromNull(value);
  }
  return found;
}

/** Newest first. Reads neither curves nor configurations. */
export function listRuns(database: Database, filter: RunFilter): RunSummary[] {
  const { project, status, limit = 100, before } = filter;
  const read = database.transaction(() => {
    const rows = drizzle(database)
      .select(SUMMARY_COLUMNS)
      .from(runs)
      .where(
        and(
          project === undefined ? undefined : eq(runs.project, project),
          status === undefined ? undefined : eq(runs.status, status),
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
    return rows.map((row) => toSummary(row, metrics.get(row.id)!));
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

function errorOf(row: typeof runs.$inferSelect): Pick<Run, 'error'> {
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
    const owner = db.select().from(owners).where(eq(owners.runId, id)).get();
    return {
      ...toSummary(row, metricsOf(database, [id]).get(id)!),
      config: JsonObject.parse(JSON.parse(row.config)),
      parameters: parametersOf(database, id),
      environment: RunEnvironment.parse(JSON.parse(row.environment)),
      ...(row.notes !== null && { notes: row.notes }),
      ...errorOf(row),
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
  return names
    .all()
    .map(({ name }) => ({ name, distance: distance(typed, name) }))
    .filter((candidate) => candidate.distance <= Math.max(3, typed.length / 2))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
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
