import { PredicateError } from './errors.ts';

export const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** One step of a path; `*` (unquoted) stands for every class. */
export interface Segment {
  readonly text: string;
  readonly any: boolean;
  /** Where it starts in the predicate, from 0. */
  readonly at: number;
}

/** `class.Shirt.recall.low > 0.7`: a fact on the left, a number on the right. */
export interface Predicate {
  readonly text: string;
  readonly path: readonly Segment[];
  readonly comparison: Comparison;
  readonly bound: number;
}

interface Cursor {
  readonly text: string;
  at: number;
}

function skipSpaces(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at++;
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  const sticky = new RegExp(pattern.source, `${pattern.flags}y`);
  sticky.lastIndex = cursor.at;
  const found = sticky.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function quoted(cursor: Cursor): string {
  const start = cursor.at;
  const text = take(cursor, /"(?:[^"\\]|\\.)*"/);
  if (text === undefined) throw new PredicateError(cursor.text, start, 'a quoted name that does not end');
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new PredicateError(
      cursor.text,
      start,
      'a quoted name with an unknown escape: \\" and \\\\ are known',
    );
  }
}

/** A bare name, `*`, or a name in quotes: `"T-shirt/top"`. */
function segment(cursor: Cursor): Segment {
  const at = cursor.at;
  if (cursor.text[at] === '"') return { text: quoted(cursor), any: false, at };
  const bare = take(cursor, /\*|[\p{L}_][\p{L}\p{N}_/-]*/u);
  if (bare !== undefined) return { text: bare, any: bare === '*', at };
  const came = cursor.text[at] === undefined ? 'the predicate ends' : `"${cursor.text[at]}" stands`;
  throw new PredicateError(cursor.text, at, `expected a name, as in delta.accuracy.low, but here ${came}`);
}

function bracketed(cursor: Cursor): Segment {
  cursor.at++;
  skipSpaces(cursor);
  const inner = segment(cursor);
  skipSpaces(cursor);
  if (take(cursor, /\]/) === undefined) throw new PredicateError(cursor.text, cursor.at, 'expected ]');
  return inner;
}

/** `class.Shirt.recall`, `class."T-shirt/top".recall` and `class["T-shirt/top"].recall`. */
function path(cursor: Cursor): Segment[] {
  const segments = [segment(cursor)];
  for (;;) {
    if (cursor.text[cursor.at] === '[') segments.push(bracketed(cursor));
    else if (take(cursor, /\./) !== undefined) segments.push(segment(cursor));
    else return segments;
  }
}

function comparison(cursor: Cursor): Comparison {
  const found = take(cursor, /<=|>=|==|!=|<|>|=/);
  if (found === '=') return '==';
  if (found !== undefined) return found as Comparison;
  throw new PredicateError(cursor.text, cursor.at, `expected a comparison: ${COMPARISONS.join(' ')}`);
}

function bound(cursor: Cursor): number {
  const start = cursor.at;
  const text = take(cursor, /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/);
  const value = Number(text?.replaceAll('_', '') ?? Number.NaN);
  if (!Number.isFinite(value)) {
    throw new PredicateError(cursor.text, start, 'expected a number, as in -0.002, 8_000_000 or 8e6');
  }
  return value;
}

/**
 * Reads one predicate of a gate: `<path> <comparison> <number>`.
 * @throws PredicateError pointing at the character that does not fit.
 */
export function parsePredicate(text: string): Predicate {
  const cursor: Cursor = { text, at: 0 };
  skipSpaces(cursor);
  const segments = path(cursor);
  skipSpaces(cursor);
  const how = comparison(cursor);
  skipSpaces(cursor);
  const limit = bound(cursor);
  skipSpaces(cursor);
  if (cursor.at < text.length) {
    throw new PredicateError(
      text,
      cursor.at,
      'expected nothing more: one predicate a line, units go without saying',
    );
  }
  return { text, path: segments, comparison: how, bound: limit };
}

/** NaN satisfies nothing but `!=`. */
export function satisfies(value: number, { comparison: how, bound: limit }: Predicate): boolean {
  const rules: Readonly<Record<Comparison, boolean>> = {
    '<': value < limit,
    '<=': value <= limit,
    '>': value > limit,
    '>=': value >= limit,
    '==': value === limit,
    '!=': value !== limit,
  };
  return rules[how];
}
