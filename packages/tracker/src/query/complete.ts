import type { Database } from 'better-sqlite3';
import { RunStatus } from '../schema.ts';
import { COLUMNS, namesOf } from './fields.ts';

/** What may stand at the cursor. `from` and `to`: the part of the text that it takes the place of. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly options: readonly { readonly text: string; readonly about: string }[];
}

type Option = Completion['options'][number];

const MOST = 50;
/** Characters of a value that is offered: notes may be books. */
const LONGEST = 200;

/** A name as it must be written: in backquotes where it would be read as something else. */
function written(name: string): string {
  return /^[\p{L}_@][\p{L}\p{N}_@]*([./:-][\p{L}\p{N}_@]+)*$/u.test(name)
    ? name
    : `\`${name.replaceAll(/[`\\]/g, '\\$&')}\``;
}

function fieldOptions(database: Database): Option[] {
  const names = namesOf(database);
  return [
    ...[...COLUMNS].map(([text, { about }]) => ({ text, about })),
    ...names.metrics().map((name) => ({ text: written(name), about: 'metric' })),
    ...names.parameters().map((name) => ({ text: written(name), about: 'parameter' })),
    { text: 'min(', about: 'the least value of a metric' },
    { text: 'max(', about: 'the greatest value of a metric' },
    { text: 'cm[', about: 'a cell of the confusion matrix: cm["Shirt", "Coat"]' },
    { text: 'not', about: 'the opposite' },
  ];
}

const strings = (values: readonly unknown[], about: string): Option[] =>
  values.flatMap((value) => (typeof value === 'string' ? [{ text: JSON.stringify(value), about }] : []));

/** Values that the field before the operator has in some run. */
function valueOptions(database: Database, field: string): Option[] {
  const pluck = (sql: string, ...values: unknown[]): unknown[] =>
    database
      .prepare(sql)
      .pluck()
      .all(...values);
  if (field === 'status') return strings(RunStatus.options, 'status');
  if (field === 'tag') {
    return strings(
      pluck('SELECT DISTINCT value FROM runs, json_each(runs.tags) ORDER BY value LIMIT 200'),
      'tag',
    );
  }
  const column = COLUMNS.get(field);
  if (column?.type === 'string') {
    return strings(
      pluck(
        `SELECT DISTINCT ${column.sql} AS v FROM runs WHERE length(v) <= ${LONGEST} ORDER BY v LIMIT 200`,
      ),
      field,
    );
  }
  if (column?.type === 'time') return ['-1h', '-1d', '-7d', '-30d'].map((text) => ({ text, about: 'ago' }));
  const values = `SELECT DISTINCT coalesce(text, number) AS v FROM parameters WHERE name = ? AND length(v) <= ${LONGEST} LIMIT 200`;
  return pluck(values, field).flatMap((value) =>
    value === null ? [] : [{ text: JSON.stringify(value), about: field }],
  );
}

function classOptions(database: Database): Option[] {
  return strings(namesOf(database).classes(), 'class');
}

const OPERATORS: readonly Option[] = ['=', '!=', '<', '<=', '>', '>=', '~', 'in ('].map((text) => ({
  text,
  about: text === '~' ? 'contains (* and ? match the whole text)' : 'compare',
}));

const CONNECTIVES: readonly Option[] = ['and', 'or'].map((text) => ({ text, about: 'connect' }));

const FIELD = /(?:[\p{L}_@][\p{L}\p{N}_@]*(?:[./:-][\p{L}\p{N}_@]+)*|`[^`]*`)/u.source;
const COMPARISON = new RegExp(
  `(${FIELD})\\s*(?:<=|>=|==|!=|<>|!~|[<>=~]|\\s(?:not\\s+)?in\\s*\\((?:[^()]*,)?)\\s*$`,
  'u',
);
// a field, a call or a cell just before, with a blank after it
const AFTER_FIELD = new RegExp(`(?:^|[(\\s])(?:${FIELD}|\\w+\\([^()]*\\)|cm[^\\s[]*\\[[^\\]]*\\])\\s+$`, 'u');
const AFTER_VALUE = /(?:<=|>=|==|!=|<>|!~|[<>=~])\s*(?:"[^"]*"|'[^']*'|[^\s()"']+)\s+$|\)\s+$/u;

function candidates(database: Database, before: string): readonly Option[] {
  if (/\bcm[^\s[]*\[[^\]]*$/.test(before)) return classOptions(database);
  const compared = COMPARISON.exec(before)?.[1];
  if (compared !== undefined) return valueOptions(database, compared.replaceAll('`', ''));
  if (/\b(min|max|last|metric)\(\s*$/.test(before)) {
    return namesOf(database)
      .metrics()
      .map((name) => ({ text: written(name), about: 'metric' }));
  }
  if (/\bparam\(\s*$/.test(before)) {
    return namesOf(database)
      .parameters()
      .map((name) => ({ text: written(name), about: 'parameter' }));
  }
  if (AFTER_VALUE.test(before)) return CONNECTIVES;
  if (/(^|\b(and|or|not)\s+|[(!]\s*|&&\s*|\|\|\s*)$/.test(before)) return fieldOptions(database);
  return AFTER_FIELD.test(before) ? OPERATORS : fieldOptions(database);
}

/** Where the word that is being typed begins: a string or name in quotes that is still open, or a bare word. */
function wordStart(head: string): number {
  let open = -1;
  for (let at = 0; at < head.length; at++) {
    const character = head[at]!;
    if (open >= 0 && character === '\\') at++;
    else if (open >= 0) open = character === head[open] ? -1 : open;
    else if ('"\'`'.includes(character)) open = at;
  }
  return open >= 0 ? open : head.length - (/[\p{L}\p{N}_@./:-]*$/u.exec(head)?.[0].length ?? 0);
}

/** What may stand at the cursor of a query that is being typed. Never throws for what is typed so far. */
export function completeQuery(database: Database, text: string, cursor: number = text.length): Completion {
  const head = text.slice(0, cursor);
  const before = head.slice(0, wordStart(head));
  const typed = head.slice(before.length);
  const wanted = typed.replace(/^["'`]/, '').toLowerCase();
  const ranked = candidates(database, before)
    .map((option) => ({ option, at: option.text.toLowerCase().indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Math.min(a.at, 2) - Math.min(b.at, 2));
  return { from: before.length, to: cursor, options: ranked.slice(0, MOST).map(({ option }) => option) };
}
