import type { Database } from 'better-sqlite3';
import { namesNear } from '@atelier/base';
import { QueryError } from '../errors.ts';
import type { ClassWord, FieldNode, Place } from './parse.ts';

export type Bound = string | number | null;

/** SQL with its values, always bound. */
export interface Fragment {
  readonly sql: string;
  readonly values: readonly Bound[];
}

export type FieldType = 'number' | 'string' | 'time' | 'status' | 'tag';

/** What the values of a parameter are, in some run each. */
export interface ParameterKinds {
  /** Numbers or booleans. */
  readonly numbers: boolean;
  readonly texts: boolean;
}

/** A looked-up field. */
export type Field =
  | { readonly kind: 'column'; readonly name: string; readonly type: FieldType; readonly sql: string }
  | {
      readonly kind: 'metric';
      readonly name: string;
      readonly column: 'value' | 'min' | 'max' | 'last';
      readonly keyId: number;
    }
  | { readonly kind: 'parameter'; readonly name: string; readonly kinds: () => ParameterKinds }
  | {
      readonly kind: 'cell';
      readonly split: string;
      readonly truth: ClassWord;
      readonly predicted: ClassWord;
    };

const COLUMN_TABLE: Readonly<
  Record<string, { readonly type: FieldType; readonly sql: string; readonly about: string }>
> = {
  id: { type: 'number', sql: 'runs.id', about: "the run's number" },
  name: { type: 'string', sql: 'runs.name', about: "the run's name" },
  project: { type: 'string', sql: 'runs.project', about: 'its project' },
  group: { type: 'string', sql: 'runs.run_group', about: 'its group' },
  status: { type: 'status', sql: 'runs.status', about: 'RUNNING, FINISHED, FAILED, KILLED or PRUNED' },
  tag: { type: 'tag', sql: 'runs.tags', about: 'any of its tags' },
  notes: { type: 'string', sql: 'runs.notes', about: 'its notes' },
  engine: { type: 'string', sql: 'runs.engine', about: 'the engine it ran on' },
  dataset: { type: 'string', sql: 'runs.dataset_digest', about: "its dataset's digest" },
  family: { type: 'string', sql: 'runs.family', about: 'what runs share that differ only in seeds' },
  error: { type: 'string', sql: 'runs.error_code', about: 'the code of its error' },
  created: { type: 'time', sql: 'runs.created_at', about: 'when it was made: "2026-11-20", -7d' },
  started: { type: 'time', sql: 'runs.started_at', about: 'when it started' },
  ended: { type: 'time', sql: 'runs.ended_at', about: 'when it ended' },
  duration: {
    type: 'number',
    sql: '((runs.ended_at - runs.started_at) / 1000.0)',
    about: 'seconds it took: 90, 5m, 2h',
  },
  epoch: {
    type: 'number',
    sql: '(SELECT max(e.epoch) FROM latest_metrics e WHERE e.run_id = runs.id)',
    about: 'the epoch it has come to',
  },
  commit: { type: 'string', sql: "json_extract(runs.environment, '$.git.commit')", about: 'its git commit' },
  dirty: {
    type: 'number',
    sql: "json_extract(runs.environment, '$.git.dirty')",
    about: '1 where the working tree differed from its commit, else 0',
  },
  branch: { type: 'string', sql: "json_extract(runs.environment, '$.git.branch')", about: 'its git branch' },
};

/** What of a run can be asked about besides its parameters and metrics. A map: names are typed by people, `constructor` too. */
export const COLUMNS = new Map(Object.entries(COLUMN_TABLE));

const CALLS = new Map<string, 'value' | 'min' | 'max' | 'last'>([
  ['metric', 'value'],
  ['min', 'min'],
  ['max', 'max'],
  ['last', 'last'],
]);

/** The names a query may use, read from the database. */
export interface Names {
  readonly metrics: () => string[];
  readonly parameters: () => string[];
  readonly metricId: (name: string) => number | undefined;
  readonly hasParameter: (name: string) => boolean;
  readonly parameterKinds: (name: string) => ParameterKinds;
  /** Of all datasets. */
  readonly classes: () => string[];
}

/** Whether some run's parameter of this name is so; `parameters_by_value` answers without reading its row. */
function parameterHas(database: Database, name: string, test: string): boolean {
  return (
    database.prepare(`SELECT 1 FROM parameters WHERE name = ? AND ${test} LIMIT 1`).get(name) !== undefined
  );
}

export function parameterKinds(database: Database, name: string): ParameterKinds {
  return {
    numbers: parameterHas(database, name, 'number IS NOT NULL'),
    texts: parameterHas(database, name, 'number IS NULL AND text IS NOT NULL'),
  };
}

export function namesOf(database: Database): Names {
  // skips from name to name by the index, however many runs there are
  const parameterNames = `
    WITH RECURSIVE names (name) AS (
      SELECT min(name) FROM parameters
      UNION ALL SELECT (SELECT min(name) FROM parameters WHERE parameters.name > names.name) FROM names WHERE name IS NOT NULL)
    SELECT name FROM names WHERE name IS NOT NULL`;
  const strings = (sql: string): string[] => database.prepare(sql).pluck().all() as string[];
  return {
    metrics: () => strings('SELECT name FROM metric_keys ORDER BY name'),
    parameters: () => strings(parameterNames),
    metricId: (name) =>
      database.prepare('SELECT id FROM metric_keys WHERE name = ?').pluck().get(name) as number | undefined,
    hasParameter: (name) => parameterHas(database, name, 'TRUE'),
    parameterKinds: (name) => parameterKinds(database, name),
    classes: () => strings('SELECT DISTINCT value FROM datasets, json_each(datasets.class_names) LIMIT 5000'),
  };
}

function metricField(
  text: string,
  names: Names,
  name: string,
  column: 'value' | 'min' | 'max' | 'last',
  place: Place,
): Field {
  const keyId = names.metricId(name);
  if (keyId !== undefined) return { kind: 'metric', name, column, keyId };
  const near = namesNear(name, names.metrics());
  throw new QueryError(text, place.at, place.end, `no run has a metric "${name}"`, near);
}

function parameterField(text: string, names: Names, name: string, place: Place): Field {
  if (names.hasParameter(name)) return { kind: 'parameter', name, kinds: () => names.parameterKinds(name) };
  const near = namesNear(name, names.parameters());
  throw new QueryError(text, place.at, place.end, `no run has a parameter "${name}"`, near);
}

function namedField(text: string, names: Names, node: FieldNode & { kind: 'name' }): Field {
  const { name, exact } = node;
  const column = exact ? undefined : COLUMNS.get(name);
  if (column !== undefined) return { kind: 'column', name, type: column.type, sql: column.sql };
  const keyId = names.metricId(name);
  if (keyId !== undefined) return { kind: 'metric', name, column: 'value', keyId };
  if (names.hasParameter(name)) return { kind: 'parameter', name, kinds: () => names.parameterKinds(name) };
  const near = namesNear(name, [...COLUMNS.keys(), ...names.metrics(), ...names.parameters()]);
  const reason = `"${name}" is no field, and no run has a metric or parameter of this name`;
  throw new QueryError(text, node.at, node.end, reason, near);
}

/** A cell, whose names have to be classes of some dataset. */
function cellField(text: string, names: Names, node: FieldNode & { kind: 'cell' }): Field {
  const known = names.classes();
  for (const word of [node.truth, node.predicted]) {
    if (word.isNumber || known.includes(word.text)) continue;
    const reason = `no dataset has a class "${word.text}"`;
    throw new QueryError(text, word.at, word.end, reason, namesNear(word.text, known));
  }
  return node;
}

/** Looks a field up. @throws QueryError with the nearest names where there is none. */
export function resolveField(text: string, names: Names, node: FieldNode): Field {
  if (node.kind === 'cell') return cellField(text, names, node);
  if (node.kind === 'name') return namedField(text, names, node);
  if (node.call === 'param') return parameterField(text, names, node.name, node.namePlace);
  const column = CALLS.get(node.call);
  if (column !== undefined) return metricField(text, names, node.name, column, node.namePlace);
  const known = [...CALLS.keys(), 'param'];
  const reason = `there is no ${node.call}(...), only ${known.join(', ')}`;
  throw new QueryError(text, node.at, node.at + node.call.length, reason, namesNear(node.call, known));
}
