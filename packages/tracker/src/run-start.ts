import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { checkedTag } from './annotation.ts';
import { TrackerInputError, TrackerWriteError } from './errors.ts';
import { readEnvironment } from './environment.ts';
import { familyOf } from './store/family.ts';
import { flattenParameters, toCells } from './parameters.ts';
import { ownIdentity } from './process-identity.ts';
import { RunStart, JsonObject, type RunEnvironment } from './schema.ts';
import { reasonOf } from './write-failure.ts';

/** JSON has neither NaN nor infinities and would make them null; settings switched off by `undefined` are left out. */
function toJson(config: unknown): unknown {
  const text = JSON.stringify(config, (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new TrackerInputError(`config: ${key} is ${value}, which JSON cannot hold`);
    }
    return value;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

const NO_ENGINE = { name: 'none', version: '', threads: 1, precision: '' };

type ParsedStart = z.output<typeof RunStart> & { environment: RunEnvironment };

function parseStart({ capture: _, ...start }: RunStart): ParsedStart {
  const parsed = RunStart.safeParse({ ...start, config: toJson(start.config) });
  if (parsed.success) {
    for (const tag of parsed.data.tags) checkedTag(tag);
    const environment = parsed.data.environment ?? { ...readEnvironment(), engine: NO_ENGINE };
    return { ...parsed.data, environment };
  }
  throw new TrackerInputError(`this run cannot be started: ${z.prettifyError(parsed.error)}`, parsed.error);
}

/** `seed-cnn` of `{ model: { kind: 'seed-cnn' } }`, else the project. */
function nameStem(config: JsonObject, project: string): string {
  const model = JsonObject.safeParse(config['model']);
  const kind = model.success ? model.data['kind'] : undefined;
  return typeof kind === 'string' && kind !== '' ? kind : project;
}

function insertRun(database: Database, start: ParsedStart): { id: number; name: string } {
  const now = Date.now();
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO runs (project, run_group, name, status, config, environment, engine, dataset_digest, tags, notes,
         family, created_at, started_at) VALUES (?, ?, ?, 'RUNNING', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      start.project,
      start.group ?? null,
      start.name ?? '',
      JSON.stringify(start.config),
      JSON.stringify(start.environment),
      start.environment.engine.name,
      start.datasetDigest ?? null,
      JSON.stringify(start.tags),
      start.notes ?? null,
      familyOf(start.project, start.config),
      now,
      now,
    );
  const id = Number(lastInsertRowid);
  const name = start.name ?? `${start.stem ?? nameStem(start.config, start.project)}-${id}`;
  database.prepare('UPDATE runs SET name = ? WHERE id = ?').run(name, id);
  return { id, name };
}

function insertOwner(database: Database, runId: number): void {
  const { machine, boot, pidNamespace, pid, processStart } = ownIdentity();
  database
    .prepare(
      `INSERT INTO owners (run_id, machine, boot, pid_namespace, pid, process_start, heartbeat_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(runId, machine, boot, pidNamespace, pid, processStart, Date.now());
}

function insertParameters(database: Database, runId: number, config: JsonObject): void {
  const insert = database.prepare(
    'INSERT INTO parameters (run_id, name, kind, number, text) VALUES (?, ?, ?, ?, ?)',
  );
  for (const [name, value] of flattenParameters(config)) {
    const { kind, number, text } = toCells(value);
    insert.run(runId, name, kind, number, text);
  }
}

/**
 * Stores a new RUNNING run with its settings and its owner.
 * @throws TrackerInputError for a start that is no {@link RunStart}, TrackerWriteError where it cannot be stored.
 */
export function storeStart(database: Database, start: RunStart): { id: number; name: string } {
  const parsed = parseStart(start);
  const store = database.transaction(() => {
    const run = insertRun(database, parsed);
    insertOwner(database, run.id);
    insertParameters(database, run.id, parsed.config);
    return run;
  });
  try {
    return store.immediate();
  } catch (error) {
    throw new TrackerWriteError('a new run', reasonOf(error), error);
  }
}
