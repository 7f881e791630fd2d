import { ConstraintError } from './errors.ts';

export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly column: number }
  | { readonly kind: 'string'; readonly value: string; readonly column: number }
  | { readonly kind: 'path'; readonly value: string; readonly column: number }
  | { readonly kind: 'symbol'; readonly value: string; readonly column: number }
  | { readonly kind: 'end'; readonly value: ''; readonly column: number };

const PATTERN =
  /\s+|(?<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])|(?<string>"[^"]*"|'[^']*')|(?<path>[A-Za-z_]\w*(?:\.\w+)*|`[^`]+`)|(?<symbol><=|>=|==|!=|&&|\|\||[-+*/<>!()])/uy;

const WORDS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not' };
const SYMBOL_WORDS = new Set(['and', 'or', 'not']);

/** The words of a constraint. @throws ConstraintError at the first that is none. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  PATTERN.lastIndex = 0;
  let position = 0;
  while (position < text.length) {
    const match = PATTERN.exec(text);
    if (match === null) throw unreadable(text, position);
    const token = tokenOf(match.groups as Record<string, string | undefined>, position + 1);
    if (token !== undefined) found.push(token);
    position = PATTERN.lastIndex;
  }
  found.push({ kind: 'end', value: '', column: text.length + 1 });
  return found;
}

function tokenOf(groups: Record<string, string | undefined>, column: number): Token | undefined {
  const { number, string, path, symbol } = groups;
  if (number !== undefined) return { kind: 'number', value: Number(number), column };
  if (string !== undefined) return { kind: 'string', value: string.slice(1, -1), column };
  if (symbol !== undefined) return { kind: 'symbol', value: WORDS[symbol] ?? symbol, column };
  if (path === undefined) return undefined;
  if (SYMBOL_WORDS.has(path)) return { kind: 'symbol', value: path, column };
  return { kind: 'path', value: path.startsWith('`') ? path.slice(1, -1) : path, column };
}

function unreadable(text: string, position: number): ConstraintError {
  const rest = text.slice(position);
  const what = rest[0]!;
  const problem =
    what === '='
      ? '"=" alone means nothing here; equality is "=="'
      : what === '"' || what === "'" || what === '`'
        ? `the quote ${what} is not closed`
        : /^[\d.]/.test(rest)
          ? `"${/^[\w.]+/.exec(rest)![0]}" is no number`
          : `"${what}" is no part of a constraint: numbers, "text", dotted paths, + - * / < <= > >= == != and or not ( )`;
  return new ConstraintError(text, position + 1, problem);
}
