import type { Database } from 'better-sqlite3';
import { TrackerInputError } from '../errors.ts';
import { changesOf } from '../reader.ts';
import { cellValue } from './compile.ts';
import { parameterKinds, type Bound, type Field, type Fragment } from './fields.ts';

export interface SortTerm {
  readonly field: Field;
  readonly descending: boolean;
}

/** The value of a field for the run whose id is the SQL `id`. */
export function fieldValue(field: Field, id: string): Fragment {
  if (field.kind === 'column') {
    const sql = id === 'runs.id' ? field.sql : `(SELECT ${field.sql} FROM runs WHERE runs.id = ${id})`;
    return { sql, values: [] };
  }
  if (field.kind === 'metric') {
    const sql = `(SELECT ${field.column} FROM latest_metrics m WHERE m.run_id = ${id} AND m.key_id = ?)`;
    return { sql, values: [field.keyId] };
  }
  if (field.kind === 'parameter') {
    const sql = `(SELECT coalesce(p.number, p.text) FROM parameters p WHERE p.run_id = ${id} AND p.name = ?)`;
    return { sql, values: [field.name] };
  }
  return cellValue(field.split, field.truth, field.predicted, id);
}

/** Where the rows come from, in such a way that an index gives them in the order of the first term where it can. */
export interface Driver {
  readonly from: string;
  readonly id: string;
  /** The first term's value. */
  readonly first: Fragment;
  readonly where: Fragment;
}

const ALL: Omit<Driver, 'first'> = {
  from: 'runs',
  id: 'runs.id',
  where: { sql: '1', values: [] },
};

/** What the parameter's values are: an index orders them only where they are of one kind. */
function parameterColumn(database: Database, name: string): Pick<Driver, 'first' | 'where'> {
  const { numbers, texts } = parameterKinds(database, name);
  const where = (test: string): Fragment => ({ sql: `d.name = ? AND ${test}`, values: [name] });
  const first = (sql: string): Fragment => ({ sql, values: [] });
  if (!texts) return { first: first('d.number'), where: where('d.number IS NOT NULL') };
  if (!numbers) return { first: first('d.text'), where: where('d.number IS NULL AND d.text IS NOT NULL') };
  return { first: first('coalesce(d.number, d.text)'), where: where("d.kind <> 'null'") };
}

/** Runs that have a value for the first term. */
export function valuedDriver(database: Database, term: SortTerm | undefined): Driver {
  const field = term?.field;
  if (field?.kind === 'metric') {
    const value = `d.${field.column}`;
    return {
      from: 'latest_metrics d',
      id: 'd.run_id',
      first: { sql: value, values: [] },
      where: { sql: `d.key_id = ? AND ${value} IS NOT NULL`, values: [field.keyId] },
    };
  }
  if (field?.kind === 'parameter') {
    return { from: 'parameters d', id: 'd.run_id', ...parameterColumn(database, field.name) };
  }
  if (field === undefined) return { ...ALL, first: { sql: 'NULL', values: [] } };
  const first = fieldValue(field, ALL.id);
  return { ...ALL, first, where: { sql: `${first.sql} IS NOT NULL`, values: first.values } };
}

/** Lists of so many runs go into a query as they are. */
const FEW = 2000;

/**
 * Ids up to the highest run's that have no value, where they are few (ids without a run among them): asking every run in
 * turn takes several times as long as reading the index of those that have one.
 */
function lookForWithout(database: Database, { from, id, where }: Driver): number[] | undefined {
  // one text instead of a row for each run: reading rows is what takes time here
  const listed = database
    .prepare<unknown[], string>(`SELECT json_group_array(${id}) FROM ${from} WHERE ${where.sql}`)
    .pluck()
    .get(...where.values);
  const valued = JSON.parse(listed ?? '[]') as number[];
  const number = (sql: string): number => Number(database.prepare(sql).pluck().get());
  if (valued.length === number('SELECT count(*) FROM runs')) return [];
  const highest = number('SELECT coalesce(max(id), 0) FROM runs');
  if (highest - valued.length > FEW) return undefined;
  const has = new Uint8Array(highest + 1);
  for (const run of valued) has[run] = 1;
  const without: number[] = [];
  for (let run = has.indexOf(0, 1); run !== -1; run = has.indexOf(0, run + 1)) without.push(run);
  return without;
}

/** What was found, for as long as nothing is written: every page beyond the runs with a value needs it again. */
const found = new WeakMap<Database, { changes: string; withouts: Map<string, number[] | undefined> }>();

function fewWithout(database: Database, driver: Driver): number[] | undefined {
  const changes = changesOf(database);
  let known = found.get(database);
  if (known?.changes !== changes) found.set(database, (known = { changes, withouts: new Map() }));
  const { from, where } = driver;
  const key = JSON.stringify([from, where.sql, where.values]);
  if (!known.withouts.has(key)) known.withouts.set(key, lookForWithout(database, driver));
  return known.withouts.get(key);
}

/** Runs that have none: they come last. Absent where every run has one. */
export function unvaluedDriver(database: Database, term: SortTerm): Driver | undefined {
  const valued = valuedDriver(database, term);
  const none: Fragment = { sql: 'NULL', values: [] };
  if (valued.from === 'runs') {
    const { sql, values } = valued.first;
    return { ...ALL, first: none, where: { sql: `${sql} IS NULL`, values } };
  }
  const few = fewWithout(database, valued);
  if (few?.length === 0) return undefined;
  const where = few
    ? { sql: 'runs.id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(few)] }
    : {
        sql: `NOT EXISTS (SELECT 1 FROM ${valued.from} WHERE ${valued.id} = runs.id AND ${valued.where.sql})`,
        values: valued.where.values,
      };
  return { ...ALL, first: none, where };
}

/** Where a page ended. */
export interface Cursor {
  readonly values: readonly Bound[];
  readonly id: number;
}

export function toCursor({ values, id }: Cursor): string {
  // JSON has no infinities
  const named = values.map((value) =>
    typeof value === 'number' && !Number.isFinite(value) ? [String(value)] : value,
  );
  return Buffer.from(JSON.stringify([...named, id])).toString('base64url');
}

function fromNamed(value: unknown): Bound {
  return Array.isArray(value) ? Number(value[0]) : (value as Bound);
}

/** @throws TrackerInputError for what is no cursor of so many sort terms. */
export function fromCursor(cursor: string, terms: number): Cursor {
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

/** Rows after the cursor: by each sort value in turn, then by id, newest first; missing values come last. */
export function afterCursor(
  terms: readonly SortTerm[],
  expressions: readonly Fragment[],
  id: string,
  cursor: Cursor,
): Fragment {
  const options: Fragment[] = [];
  let equal: Fragment = { sql: '1', values: [] };
  terms.forEach(({ descending }, at) => {
    const value = cursor.values[at]!;
    const { sql, values } = expressions[at]!;
    if (value !== null) {
      // the first term's driver leaves no missing values
      const beyond = `${sql} ${descending ? '<' : '>'} ?`;
      const missing = at === 0 ? '' : ` OR ${sql} IS NULL`;
      options.push({
        sql: `${equal.sql} AND (${beyond}${missing})`,
        values: [...equal.values, ...values, value, ...(at === 0 ? [] : values)],
      });
    }
    equal = { sql: `${equal.sql} AND ${sql} IS ?`, values: [...equal.values, ...values, value] };
  });
  options.push({ sql: `${equal.sql} AND ${id} < ?`, values: [...equal.values, cursor.id] });
  return bounded(terms, expressions, cursor, {
    sql: options.map((option) => `(${option.sql})`).join(' OR '),
    values: options.flatMap((option) => option.values),
  });
}

/** Says the first term's bound apart, so that an index can go straight to it. */
function bounded(
  terms: readonly SortTerm[],
  expressions: readonly Fragment[],
  { values }: Cursor,
  after: Fragment,
): Fragment {
  const [value, expression] = [values[0], expressions[0]];
  if (value === undefined || value === null || expression === undefined) return after;
  const bound = `${expression.sql} ${terms[0]!.descending ? '<=' : '>='} ?`;
  return {
    sql: `${bound} AND (${after.sql})`,
    values: [...expression.values, value, ...after.values],
  };
}
