import { QueryError } from '../errors.ts';

export type TokenKind = 'name' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** A name, the content of a string, a symbol, or the digits of a number with its unit. */
  readonly text: string;
  /** Where it begins and ends in the query, counted from 0. */
  readonly at: number;
  readonly end: number;
}

const SPACE = /\s+/y;
// a date, perhaps with a time; a number, perhaps with a unit of time
const DATE = /\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?/y;
const NUMBER = /[+-]?(\d+(_\d+)*)?\.?\d+([eE][+-]?\d+)?(ms|s|m|h|d|w)?(?![\p{L}\d_])/uy;
const NAME = /[\p{L}_@][\p{L}\p{N}_@]*([./:-][\p{L}\p{N}_@]+)*/uy;
const SYMBOL = /<=|>=|==|!=|<>|!~|&&|\|\||[()[\],=<>~!]/y;

const KINDS = [
  ['number', DATE],
  ['number', NUMBER],
  ['name', NAME],
  ['symbol', SYMBOL],
] as const;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** A string from its opening quote on; a backslash takes the next character as it is. */
function quoted(text: string, at: number): Token {
  const quote = text[at]!;
  let content = '';
  for (let next = at + 1; next < text.length; next++) {
    const character = text[next]!;
    if (character === quote) {
      return { kind: quote === '`' ? 'quoted' : 'string', text: content, at, end: next + 1 };
    }
    content += character === '\\' ? (text[++next] ?? '') : character;
  }
  throw new QueryError(text, at, text.length, `this string has no closing ${quote}`);
}

function tokenAt(text: string, at: number): Token {
  if ('"\'`'.includes(text[at]!)) return quoted(text, at);
  for (const [kind, pattern] of KINDS) {
    const found = match(pattern, text, at);
    if (found !== undefined) return { kind, text: found, at, end: at + found.length };
  }
  throw new QueryError(text, at, at + 1, `"${text[at]}" means nothing here`);
}

/** Cuts a query into words; the last token is `end`. @throws QueryError */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    at += match(SPACE, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  return [...tokens, { kind: 'end', text: '', at: text.length, end: text.length }];
}
