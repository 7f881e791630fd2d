import { QueryError } from '../errors.ts';
import { resolveField, type Field, type Fragment, type Names } from './fields.ts';
import { toNumber, toSeconds, toStatus, toTime, type TimeSpan } from './literals.ts';
import type { ClassWord, FieldNode, Operator, QueryNode, ValueNode } from './parse.ts';

/** What compiling needs besides the tree. */
export interface CompileContext {
  readonly text: string;
  readonly names: Names;
  readonly now: number;
  /** The SQL of the run's id where the condition stands. */
  readonly id: string;
  /** Whether few enough rows are meant by this SELECT to collect them once instead of asking for each run. */
  readonly isRare: (select: Fragment) => boolean;
  /** Ids of runs that say RUNNING although their process is gone: they count as FAILED. */
  readonly dead: readonly number[];
}

/** A condition on a run. */
export interface Condition extends Fragment {
  /** Where it is nothing but "is among these": a SELECT of their ids, each once. */
  readonly set?: Fragment;
}

const NEVER: Fragment = { sql: '0', values: [] };

/** Contains, without regard to case; with `*` or `?` in it the whole text must match. */
export function likePattern(text: string): string {
  const escaped = text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
  if (!/[*?]/.test(text)) return `%${escaped}%`;
  return escaped.replaceAll('*', '%').replaceAll('?', '_');
}

function textTest(expression: string, operator: Operator, value: string): Fragment {
  if (operator === '~') return { sql: `${expression} LIKE ? ESCAPE '\\'`, values: [likePattern(value)] };
  if (operator === '!~') return { sql: `${expression} NOT LIKE ? ESCAPE '\\'`, values: [likePattern(value)] };
  return { sql: `${expression} ${operator} ?`, values: [value] };
}

/** NULL in a column of numbers is NaN, which only equals itself here: otherwise it could not be asked for. */
function numberTest(expression: string, operator: Operator, value: number): Fragment {
  if (Number.isNaN(value)) {
    if (operator === '=') return { sql: `${expression} IS NULL`, values: [] };
    return operator === '!=' ? { sql: `${expression} IS NOT NULL`, values: [] } : NEVER;
  }
  if (operator === '!=') return { sql: `${expression} IS NOT ?`, values: [value] };
  return { sql: `${expression} ${operator} ?`, values: [value] };
}

/** A span is before, after or equal as a whole: `= "2026-11-20"` is all of that day, `>` begins with the next one. */
function timeTest(expression: string, operator: Operator, { from, to }: TimeSpan): Fragment {
  switch (operator) {
    case '<':
      return { sql: `${expression} < ?`, values: [from] };
    case '<=':
      return { sql: `${expression} < ?`, values: [to] };
    case '>':
      return { sql: `${expression} >= ?`, values: [to] };
    case '>=':
      return { sql: `${expression} >= ?`, values: [from] };
    case '!=':
      return { sql: `NOT coalesce(${expression} >= ? AND ${expression} < ?, 0)`, values: [from, to] };
    default:
      return { sql: `${expression} >= ? AND ${expression} < ?`, values: [from, to] };
  }
}

/** Conditions connected as a balanced tree: SQLite takes no expression that is nested more than 1000 deep. */
function connected(word: 'AND' | 'OR', parts: readonly Fragment[]): Fragment {
  if (parts.length === 1) return parts[0]!;
  const middle = Math.ceil(parts.length / 2);
  const [left, right] = [connected(word, parts.slice(0, middle)), connected(word, parts.slice(middle))];
  return { sql: `(${left.sql}) ${word} (${right.sql})`, values: [...left.values, ...right.values] };
}

/** What a chain of `and` or of `or` connects, which the tree has nested. */
function linksOf(node: QueryNode, kind: 'and' | 'or'): QueryNode[] {
  const links: QueryNode[] = [];
  let rest = node;
  while (rest.kind === kind) {
    links.push(rest.right);
    rest = rest.left;
  }
  return [...links, rest].toReversed();
}

class Compiler {
  private readonly context: CompileContext;

  constructor(context: CompileContext) {
    this.context = context;
  }

  compile(node: QueryNode): Condition {
    if (node.kind === 'not') {
      const { sql, values } = this.compile(node.inner);
      return { sql: `NOT (${sql})`, values };
    }
    if (node.kind === 'and' || node.kind === 'or') {
      const links = linksOf(node, node.kind).map((link) => this.compile(link));
      return connected(node.kind === 'and' ? 'AND' : 'OR', links);
    }
    const field = resolveField(this.context.text, this.context.names, node.field);
    if (node.kind === 'compare') return this.compare(field, node.field, node.operator, node.value);
    const tests = node.values.map((value) => this.compare(field, node.field, '=', value));
    const { sql, values } = connected('OR', tests);
    return { sql: node.negated ? `NOT (${sql})` : sql, values };
  }

  private fail(node: { at: number; end: number }, reason: string): never {
    throw new QueryError(this.context.text, node.at, node.end, reason);
  }

  /** True or false for every run, never NULL: what a run does not have compares to nothing. */
  private compare(field: Field, node: FieldNode, operator: Operator, value: ValueNode): Condition {
    if (field.kind === 'column') return this.column(field, node, operator, value);
    if (operator === '~' || operator === '!~') {
      if (field.kind !== 'parameter') this.fail(node, `${operator} is for texts, and this is a number`);
    }
    if (field.kind === 'metric') return this.metric(field, operator, value);
    if (field.kind === 'cell') return this.cell(field, operator, value);
    return this.parameter(field, operator, value);
  }

  /** Whether the table has such a row of the run: a set of runs where they are few, else asked for run by run. */
  private among(table: string, { sql, values }: Fragment, column = 'run_id'): Condition {
    const set = { sql: `SELECT ${column} FROM ${table} WHERE ${sql}`, values };
    const { id } = this.context;
    if (this.context.isRare(set)) return { sql: `+${id} IN (${set.sql})`, values, set };
    return { sql: `EXISTS (SELECT 1 FROM ${table} AS own WHERE own.${column} = ${id} AND ${sql})`, values };
  }

  private metric(field: Field & { kind: 'metric' }, operator: Operator, value: ValueNode): Condition {
    const test = numberTest(field.column, operator, toNumber(this.context.text, value, field.name));
    return this.among('latest_metrics', {
      sql: `key_id = ? AND ${test.sql}`,
      values: [field.keyId, ...test.values],
    });
  }

  private parameter(field: Field & { kind: 'parameter' }, operator: Operator, value: ValueNode): Condition {
    const test = this.parameterTest(field, operator, value);
    return this.among('parameters', {
      sql: `name = ? AND ${test.sql}`,
      values: [field.name, ...test.values],
    });
  }

  private parameterTest(
    field: Field & { kind: 'parameter' },
    operator: Operator,
    value: ValueNode,
  ): Fragment {
    if (value.kind === 'word' && value.text === 'null') {
      if (operator === '=') return { sql: "kind = 'null'", values: [] };
      if (operator === '!=') return { sql: "kind <> 'null'", values: [] };
      this.fail(value, 'null can only be = or !=');
    }
    const isText =
      value.kind === 'string' || (value.kind === 'word' && !/^(true|false|nan|inf)$/i.test(value.text));
    const searching = operator === '~' || operator === '!~';
    if (!isText && !searching) {
      const { numbers, texts } = field.kinds();
      if (texts && !numbers) {
        this.fail(value, `${field.name} is a text in every run: write "${value.text}" in quotes`);
      }
      const number = toNumber(this.context.text, value, field.name);
      return numberTest('number', operator, number);
    }
    const { numbers, texts } = field.kinds();
    if (numbers && !texts)
      this.fail(value, `${field.name} is a number in every run; "${value.text}" is a text`);
    return textTest('text', operator, value.text);
  }

  private column(
    field: Field & { kind: 'column' },
    node: FieldNode,
    operator: Operator,
    value: ValueNode,
  ): Fragment {
    const { text, now } = this.context;
    const { type, sql, name } = field;
    const searching = operator === '~' || operator === '!~';
    if (searching && (type === 'number' || type === 'time' || type === 'status')) {
      this.fail(node, `${operator} is for texts, and ${name} is none`);
    }
    if (type === 'tag') return this.tag(operator, value);
    if (type === 'status') return this.status(operator, value);
    const test =
      type === 'string'
        ? textTest(sql, operator, value.text)
        : type === 'time'
          ? timeTest(sql, operator, toTime(text, value, name, now))
          : numberTest(sql, operator, toSeconds(text, value, name));
    return this.ofRun({ sql: `coalesce(${test.sql}, 0)`, values: test.values });
  }

  /** A condition on the run's own row. Its columns are called runs.… there. */
  private ofRun({ sql, values }: Fragment): Fragment {
    if (this.context.id === 'runs.id') return { sql, values };
    return { sql: `EXISTS (SELECT 1 FROM runs WHERE runs.id = ${this.context.id} AND ${sql})`, values };
  }

  private tag(operator: Operator, value: ValueNode): Fragment {
    const negated = operator === '!=' || operator === '!~';
    if (!negated && operator !== '=' && operator !== '~') this.fail(value, 'tags can be =, !=, ~, !~ or in');
    const test = textTest('tag', operator === '=' || operator === '!=' ? '=' : '~', value.text);
    const { sql, values } = this.among('run_tags', test);
    // no set: a pattern finds a run once for each of its tags
    return { sql: negated ? `NOT ${sql}` : sql, values };
  }

  private status(operator: Operator, value: ValueNode): Fragment {
    if (operator !== '=' && operator !== '!=') this.fail(value, 'a status can be =, != or in');
    const wanted = toStatus(this.context.text, value);
    const dead = JSON.stringify(this.context.dead);
    const status = `iif(status = 'RUNNING' AND id IN (SELECT value FROM json_each(?)), 'FAILED', status)`;
    if (this.context.dead.length > 0) {
      return this.among('runs', { sql: `${status} ${operator} ?`, values: [dead, wanted] }, 'id');
    }
    return this.among('runs', { sql: `status ${operator} ?`, values: [wanted] }, 'id');
  }

  private cell(field: Field & { kind: 'cell' }, operator: Operator, value: ValueNode): Fragment {
    const { split, truth, predicted } = field;
    const count = toNumber(this.context.text, value, `cm["${truth.text}","${predicted.text}"]`);
    const cell = cellValue(split, truth, predicted, this.context.id);
    const test = numberTest('cell', operator, count);
    return {
      sql: `coalesce((SELECT ${test.sql} FROM (SELECT ${cell.sql} AS cell) WHERE cell IS NOT NULL), 0)`,
      // the test stands before the cell in the text
      values: [...test.values, ...cell.values],
    };
  }
}

/** NULL where the dataset has no such class, or two of this name: which is meant cannot be known. */
function classIndex({ text, isNumber }: ClassWord): Fragment {
  return {
    sql: `(SELECT iif(count(*) = 1, min(key), NULL) FROM json_each(d.class_names) WHERE ${isNumber ? 'key' : 'value'} = ?)`,
    values: [isNumber ? Number(text) : text],
  };
}

/** A matrix cell of the run's newest ledger of a split; NULL where there is no matrix or no such class. */
export function cellValue(split: string, truth: ClassWord, predicted: ClassWord, id: string): Fragment {
  const row = classIndex(truth);
  const column = classIndex(predicted);
  const sql = `(
    SELECT iif(t IS NULL OR q IS NULL, NULL,
      coalesce((SELECT count FROM matrix_cells c WHERE c.prediction_id = found.id AND c.truth = t AND c.predicted = q), 0))
    FROM (
      SELECT p.id, ${row.sql} AS t, ${column.sql} AS q FROM predictions p JOIN datasets d ON d.digest = p.dataset_digest
      WHERE p.run_id = ${id} AND p.split = ? ORDER BY p.created_at DESC, p.id DESC LIMIT 1) AS found
    WHERE EXISTS (SELECT 1 FROM matrix_cells c WHERE c.prediction_id = found.id))`;
  return { sql, values: [...row.values, ...column.values, split] };
}

/** A condition that is true exactly for the runs the query means. @throws QueryError */
export function compileQuery(node: QueryNode | undefined, context: CompileContext): Condition {
  return node === undefined ? { sql: '1', values: [] } : new Compiler(context).compile(node);
}
