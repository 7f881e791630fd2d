import type { Database } from 'better-sqlite3';
import { QueryError, TrackerInputError } from '../errors.ts';
import type { RunSummary } from '../schema.ts';
import { compileQuery, type Condition } from './compile.ts';
import {
  afterCursor,
  fieldValue,
  fromCursor,
  toCursor,
  unvaluedDriver,
  valuedDriver,
  type Cursor,
  type Driver,
  type SortTerm,
} from './run-order.ts';
import { namesOf, resolveField, type Bound, type Fragment, type Names } from './fields.ts';
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

/** The field a user names outside of a filter: `min(val/loss)`, `optimizer.learningRate`, `cm["a","b"]`. */
export function parseField(text: string): FieldNode {
  const parsed = parseQuery(`${text} = 0`);
  if (parsed?.kind !== 'compare') throw new QueryError(text, 0, text.length, 'this is not one field');
  return parsed.field;
}

function sortTerms(names: Names, sort: RunQuery['sort']): SortTerm[] {
  return (sort ?? []).map(({ by, order = 'desc' }) => {
    return { field: resolveField(by, names, parseField(by)), descending: order === 'desc' };
  });
}

interface PageRow {
  id: number;
  [value: string]: Bound;
}

/** What a page is asked with. */
interface Asking {
  readonly database: Database;
  readonly terms: readonly SortTerm[];
  /** The filter, as a condition on the run of this id. */
  readonly condition: (id: string, collect?: boolean) => Condition;
  readonly trash: boolean;
}

/** Runs that are in the trash, or those that are not. */
function inTrash(id: string, trash: boolean): string {
  if (id === 'runs.id') return `runs.deleted_at IS ${trash ? 'NOT ' : ''}NULL`;
  return `${id} ${trash ? '' : 'NOT '}IN (SELECT id FROM runs WHERE deleted_at IS NOT NULL)`;
}

function readRows(asking: Asking, driver: Driver, cursor: Cursor | undefined, limit: number): PageRow[] {
  const { terms, condition, trash, database } = asking;
  const expressions = terms.map((term, at) => (at === 0 ? driver.first : fieldValue(term.field, driver.id)));
  const where = condition(driver.id);
  const after =
    cursor === undefined ? { sql: '1', values: [] } : afterCursor(terms, expressions, driver.id, cursor);
  const select = expressions.map(({ sql }, at) => `, ${sql} AS v${at}`).join('');
  const order = terms.map(({ descending }, at) => {
    // NULLS LAST would keep an index from giving the order
    return `v${at} ${descending ? 'DESC' : 'ASC'}${at === 0 ? '' : ' NULLS LAST'}, `;
  });
  const sql = `SELECT ${driver.id} AS id${select} FROM ${driver.from}
    WHERE ${driver.where.sql} AND ${inTrash(driver.id, trash)} AND (${after.sql}) AND (${where.sql})
    ORDER BY ${order.join('')}${driver.id} DESC LIMIT ?`;
  return database
    .prepare<unknown[], PageRow>(sql)
    .all(
      ...expressions.flatMap(({ values }) => values),
      ...driver.where.values,
      ...after.values,
      ...where.values,
      limit,
    );
}

/** Runs with a value of the first sort term, then those without. */
function readPage(asking: Asking, cursor: Cursor | undefined, limit: number): PageRow[] {
  const { database, terms } = asking;
  const [first] = terms;
  if (first === undefined) return readRows(asking, valuedDriver(database, undefined), cursor, limit);
  const among = cursor === undefined || cursor.values[0] !== null;
  const valued = among ? readRows(asking, valuedDriver(database, first), cursor, limit) : [];
  if (valued.length === limit) return valued;
  const rest = unvaluedDriver(database, first);
  if (rest === undefined) return valued;
  return [...valued, ...readRows(asking, rest, among ? undefined : cursor, limit - valued.length)];
}

function checkedLimit(limit = 50): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new TrackerInputError(`limit is ${limit}: it must be a whole number from 1 to 1000`);
}

/** Sets of up to so many runs are collected; larger ones are asked for run by run until the page is full. */
const RARE = 3000;

function rarity(database: Database): (select: Fragment) => boolean {
  return ({ sql, values }) => {
    const counted = database
      .prepare(`SELECT count(*) FROM (${sql} LIMIT ${RARE + 1})`)
      .pluck()
      .get(...values);
    return Number(counted) <= RARE;
  };
}

/** Runs of the set that are not in the trash, where few runs are. */
function countSet(database: Database, { sql, values }: Fragment): number {
  const trashed = `SELECT count(*) FROM runs WHERE deleted_at IS NOT NULL AND +id IN (${sql})`;
  return Number(
    database
      .prepare(`SELECT (SELECT count(*) FROM (${sql})) - (${trashed})`)
      .pluck()
      .get(...values, ...values),
  );
}

/** All runs are looked at here, so every condition is a set; one set alone is counted by its index. */
function countRuns({ database, trash, condition }: Asking): number {
  const { sql, values, set } = condition('runs.id', true);
  if (set !== undefined && !trash) return countSet(database, set);
  const all = `SELECT count(*) FROM runs WHERE ${inTrash('runs.id', trash)} AND (${sql})`;
  return Number(
    database
      .prepare(all)
      .pluck()
      .get(...values),
  );
}

type Columns = Map<number, Record<string, Bound>>;

function columnValues(
  database: Database,
  names: Names,
  columns: readonly string[],
  ids: readonly number[],
): Columns {
  if (columns.length === 0) return new Map(ids.map((id) => [id, {}]));
  const values = columns.map((column) =>
    fieldValue(resolveField(column, names, parseField(column)), 'runs.id'),
  );
  const rows = database
    .prepare<unknown[], PageRow>(
      `SELECT runs.id${values.map(({ sql }, at) => `, ${sql} AS v${at}`).join('')}
       FROM runs WHERE runs.id IN (SELECT value FROM json_each(?))`,
    )
    .all(...values.flatMap((value) => value.values), JSON.stringify(ids));
  // not by assignment, which `__proto__` survives
  const named = (row: PageRow) => Object.fromEntries(columns.map((column, at) => [column, row[`v${at}`]!]));
  return new Map(rows.map((row) => [row.id, named(row)]));
}

function askingOf(
  database: Database,
  names: Names,
  query: Pick<RunQuery, 'filter' | 'sort' | 'trash'>,
): Asking {
  const { filter = '' } = query;
  const now = Date.now();
  const tree = parseQuery(filter);
  const dead = deadRunIds(database);
  const rare = rarity(database);
  return {
    database,
    terms: sortTerms(names, query.sort),
    condition: (id, collect = false) =>
      compileQuery(tree, { text: filter, names, now, dead, id, isRare: collect ? () => true : rare }),
    trash: query.trash === true,
  };
}

/**
 * One page of the run table. Reads no curves, and metrics and columns of the page's runs only.
 * @throws QueryError for a filter or column that cannot be understood, TrackerInputError for a wrong limit or cursor.
 */
export function queryRuns(database: Database, query: RunQuery): RunPage {
  const { columns = [] } = query;
  const limit = checkedLimit(query.limit);
  const read = database.transaction((): RunPage => {
    const names = namesOf(database);
    const asking = askingOf(database, names, query);
    const { terms } = asking;
    const cursor = query.cursor === undefined ? undefined : fromCursor(query.cursor, terms.length);
    const rows = readPage(asking, cursor, limit + 1);
    const shown = rows.slice(0, limit);
    const ids = shown.map((row) => row.id);
    const extra = columnValues(database, names, columns, ids);
    const last = shown.at(-1);
    return {
      runs: summariesOf(database, ids, query.metrics).map((run) => ({ ...run, columns: extra.get(run.id)! })),
      ...(rows.length > limit &&
        last !== undefined && {
          next: toCursor({ values: terms.map((_, at) => last[`v${at}`]!), id: last.id }),
        }),
      ...(query.count && { total: countRuns(asking) }),
    };
  });
  return read();
}

/**
 * Ids of all runs of a filter in their order: what a table of any length scrolls through, reading rows as they come into
 * sight.
 * @throws QueryError
 */
export function orderRuns(
  database: Database,
  query: Pick<RunQuery, 'filter' | 'sort' | 'trash'>,
  most: number,
): number[] {
  const read = database.transaction(() => {
    const asking = askingOf(database, namesOf(database), query);
    // all runs are looked at: conditions are sets
    const whole: Asking = { ...asking, condition: (id) => asking.condition(id, true) };
    return readPage(whole, undefined, most).map(({ id }) => id);
  });
  return read();
}

/** @throws QueryError with the nearest names for what is no field and no name of some run's. */
export function checkFields(database: Database, fields: readonly string[]): void {
  const names = namesOf(database);
  for (const field of fields) resolveField(field, names, parseField(field));
}

/** These runs in this order, without those that are gone. A column that no run has is left out. */
export function readRuns(
  database: Database,
  ids: readonly number[],
  { metrics, columns = [] }: Pick<RunQuery, 'metrics' | 'columns'>,
): RunTableRow[] {
  const read = database.transaction(() => {
    const names = namesOf(database);
    const known = columns.filter((column) => {
      try {
        return resolveField(column, names, parseField(column)) !== undefined;
      } catch (error) {
        if (error instanceof QueryError) return false;
        throw error;
      }
    });
    const extra = columnValues(database, names, known, ids);
    return summariesOf(database, ids, metrics).map((run) => ({ ...run, columns: extra.get(run.id)! }));
  });
  return read();
}
