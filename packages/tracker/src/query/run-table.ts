import type { Database } from 'better-sqlite3';
import { QueryError, TrackerInputError } from '../errors.ts';
import type { RunSummary } from '../schema.ts';
import { cellValue, compileQuery } from './compile.ts';
import { namesOf, resolveField, type Bound, type Field, type Fragment, type Names } from './fields.ts';
import { parseQuery, type FieldNode } from './parse.ts';
import { deadRunIds } from '../liveness.ts';
import { summariesOf } from '../run-queries.ts';

/** Which runs, in which order, and how many. */
export interface RunQuery {
  /** A filter, as `val/accuracy > 0.92 and optimizer.learningRate < 0.01`. */
  readonly filter?: string | undefined;
  /** By fields, metrics, parameters or cells; runs without a value come last. Absent: newest first. */
  readonly sort?: readonly { readonly by: string; readonly order?: 'asc' | 'desc' | undefined }[] | undefined;
  /** Runs per page: 50 where absent, at most 1000. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  /** Only these metrics; absent: all of each run. */
  readonly metrics?: readonly string[] | undefined;
  /** These parameters and cells beside the metrics. */
  readonly columns?: readonly string[] | undefined;
  /** The trash instead of the runs that are not in it. */
  readonly trash?: boolean | undefined;
  /** Counts all runs of the filter (a few milliseconds at 20,000 runs). */
  readonly count?: boolean | undefined;
}

/** A row of the table: the run, and the value of each column asked for. */
export interface RunTableRow extends RunSummary {
  readonly columns: Readonly<Record<string, string | number | boolean | null>>;
}

export interface RunPage {
  readonly runs: readonly RunTableRow[];
  /** Absent on the last page. */
  readonly next?: string;
  readonly total?: number;
}

interface SortTerm {
  readonly field: Field;
  readonly expression: Fragment;
  readonly descending: boolean;
}

/** The field a user names outside of a filter: `min(val/loss)`, `optimizer.learningRate`, `cm["a","b"]`. */
export function parseField(text: string): FieldNode {
  const parsed = parseQuery(`${text} = 0`);
  if (parsed?.kind !== 'compare') throw new QueryError(text, 0, text.length, 'this is not one field');
  return parsed.field;
}

/** The value of a field for the run in `runs`. */
export function fieldValue(field: Field): Fragment {
  if (field.kind === 'column') return { sql: field.sql, values: [] };
  if (field.kind === 'metric') {
    const sql = `(SELECT ${field.column} FROM latest_metrics m WHERE m.run_id = runs.id AND m.key_id = ?)`;
    return { sql, values: [field.keyId] };
  }
  if (field.kind === 'parameter') {
    const sql =
      '(SELECT coalesce(p.number, p.text) FROM parameters p WHERE p.run_id = runs.id AND p.name = ?)';
    return { sql, values: [field.name] };
  }
  return cellValue(field.split, field.truth, field.predicted);
}

function sortTerms(names: Names, sort: RunQuery['sort']): SortTerm[] {
  return (sort ?? []).map(({ by, order = 'desc' }) => {
    const field = resolveField(by, names, parseField(by));
    return { field, expression: fieldValue(field), descending: order === 'desc' };
  });
}

type Cursor = { readonly values: readonly Bound[]; readonly id: number };

function toCursor({ values, id }: Cursor): string {
  // JSON has no infinities
  const named = values.map((value) =>
    Number.isFinite(value) ? value : value === null ? null : [String(value)],
  );
  return Buffer.from(JSON.stringify([...named, id])).toString('base64url');
}

function fromCursor(cursor: string, terms: number): Cursor {
  try {
    const parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const id = parsed.pop();
    if (parsed.length === terms && Number.isSafeInteger(id))
      return { values: parsed.map(fromNamed), id: Number(id) };
  } catch {
    // falls through: whatever it was, it is no cursor
  }
  throw new TrackerInputError(
    `"${cursor}" is no cursor of a table sorted like this: start from the first page`,
  );
}

function fromNamed(value: unknown): Bound {
  if (!Array.isArray(value)) return value as Bound;
  const text = String(value[0]);
  return text === 'Infinity' || text === '-Infinity' ? Number(text) : text;
}

/** Rows after the cursor: by each sort value in turn, then by id, newest first; missing values come last. */
function afterCursor(terms: readonly SortTerm[], { values, id }: Cursor): Fragment {
  const options: Fragment[] = [];
  let equal: Fragment = { sql: '1', values: [] };
  terms.forEach(({ descending }, at) => {
    const value = values[at]!;
    const name = `v${at}`;
    if (value !== null) {
      const beyond = `(${name} ${descending ? '<' : '>'} ? OR ${name} IS NULL)`;
      options.push({ sql: `${equal.sql} AND ${beyond}`, values: [...equal.values, value] });
    }
    equal = { sql: `${equal.sql} AND ${name} IS ?`, values: [...equal.values, value] };
  });
  options.push({ sql: `${equal.sql} AND id < ?`, values: [...equal.values, id] });
  return {
    sql: options.map((option) => `(${option.sql})`).join(' OR '),
    values: options.flatMap((option) => option.values),
  };
}

interface PageRow {
  id: number;
  [value: string]: Bound;
}

function pageSql(terms: readonly SortTerm[], where: Fragment, after: Fragment | undefined): Fragment {
  const select = terms.map(({ expression }, at) => `, ${expression.sql} AS v${at}`).join('');
  const order = terms
    .map(({ descending }, at) => `v${at} ${descending ? 'DESC' : 'ASC'} NULLS LAST, `)
    .join('');
  const sql = `SELECT * FROM (SELECT runs.id AS id${select} FROM runs WHERE ${where.sql})
    ${after === undefined ? '' : `WHERE ${after.sql}`} ORDER BY ${order}id DESC LIMIT ?`;
  const values = [
    ...terms.flatMap((term) => term.expression.values),
    ...where.values,
    ...(after?.values ?? []),
  ];
  return { sql, values };
}

function checkedLimit(limit = 50): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new TrackerInputError(`limit is ${limit}: it must be a whole number from 1 to 1000`);
}

function columnValues(
  database: Database,
  names: Names,
  columns: readonly string[],
  ids: readonly number[],
): Map<number, Record<string, Bound>> {
  const found = new Map<number, Record<string, Bound>>(ids.map((id) => [id, {}]));
  for (const column of columns) {
    const value = fieldValue(resolveField(column, names, parseField(column)));
    const rows = database
      .prepare<unknown[], { id: number; value: Bound }>(
        `SELECT runs.id, ${value.sql} AS value FROM runs WHERE runs.id IN (SELECT value FROM json_each(?))`,
      )
      .all(...value.values, JSON.stringify(ids));
    for (const row of rows) found.get(row.id)![column] = row.value;
  }
  return found;
}

/**
 * One page of the run table. Reads no curves, and metrics and columns of the page's runs only.
 * @throws QueryError for a filter or column that cannot be understood, TrackerInputError for a wrong limit or cursor.
 */
export function queryRuns(database: Database, query: RunQuery): RunPage {
  const { filter = '', columns = [] } = query;
  const limit = checkedLimit(query.limit);
  const read = database.transaction((): RunPage => {
    const names = namesOf(database);
    const context = { text: filter, names, now: Date.now(), dead: deadRunIds(database) };
    const condition = compileQuery(parseQuery(filter), context);
    const where = {
      sql: `runs.deleted_at IS ${query.trash ? 'NOT ' : ''}NULL AND (${condition.sql})`,
      values: condition.values,
    };
    const terms = sortTerms(names, query.sort);
    const after =
      query.cursor === undefined ? undefined : afterCursor(terms, fromCursor(query.cursor, terms.length));
    const page = pageSql(terms, where, after);
    const rows = database.prepare<unknown[], PageRow>(page.sql).all(...page.values, limit + 1);
    const shown = rows.slice(0, limit);
    const ids = shown.map((row) => row.id);
    const summaries = summariesOf(database, ids, query.metrics);
    const extra = columnValues(database, names, columns, ids);
    const last = shown.at(-1);
    return {
      runs: summaries.map((run) => ({ ...run, columns: extra.get(run.id)! })),
      ...(rows.length > limit &&
        last !== undefined && {
          next: toCursor({ values: terms.map((_, at) => last[`v${at}`]!), id: last.id }),
        }),
      ...(query.count && {
        total: Number(
          database
            .prepare(`SELECT count(*) FROM runs WHERE ${where.sql}`)
            .pluck()
            .get(...where.values),
        ),
      }),
    };
  });
  return read();
}
