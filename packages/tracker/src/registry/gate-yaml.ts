import { GateInvalidError } from './errors.ts';

/** A value with the line it stands in, from 1. */
export interface Lined<T> {
  readonly value: T;
  readonly line: number;
}

export type Scalar = string | number | boolean | null;

/** The settings of a file: one value, or a list of them. */
export type Settings = ReadonlyMap<string, Lined<Scalar | readonly Lined<Scalar>[]>>;

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const NAMED: Readonly<Record<string, Scalar>> = { '': null, '~': null, null: null, true: true, false: false };

/** What a plain scalar of YAML may not begin with, because it begins something else there. */
const RESERVED = /^[[\]{},&*!|>%@`]/;

const QUOTED = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?$/;

/** One scalar of YAML's core schema: plain, 'single' or "double" quoted, a comment after it left out. */
function parseScalar(file: string, text: string, line: number): Scalar {
  const trimmed = text.trim();
  if (/^["']/.test(trimmed)) {
    const quoted = QUOTED.exec(trimmed)?.[1];
    if (quoted === undefined) throw new GateInvalidError(file, 'a quoted text that does not end well', line);
    if (quoted.startsWith("'")) return quoted.slice(1, -1).replaceAll("''", "'");
    try {
      return JSON.parse(quoted) as string;
    } catch (cause) {
      throw new GateInvalidError(file, `an escape that is not known in ${quoted}`, line, cause);
    }
  }
  if (RESERVED.test(trimmed)) {
    const advice = 'write lists one item a line after "- ", and texts that begin so in quotes';
    throw new GateInvalidError(file, `a gate has no use for YAML's "${trimmed[0]}": ${advice}`, line);
  }
  const plain = trimmed.replace(/(^|\s)#.*$/, '').trim();
  if (/: |:$/.test(plain))
    throw new GateInvalidError(file, 'a text with a colon and a space has to stand in quotes', line);
  if (Object.hasOwn(NAMED, plain)) return NAMED[plain]!;
  return NUMBER.test(plain) ? Number(plain) : plain;
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

function linesOf(file: string, text: string): Line[] {
  return text.split(/\r?\n/).flatMap((raw, index): Line[] => {
    const number = index + 1;
    const content = raw.replace(/^\uFEFF/, '').trimEnd();
    const indent = content.length - content.trimStart().length;
    if (content.trim() === '' || content.trimStart().startsWith('#')) return [];
    if (content === '---' && index === 0) return [];
    if (content.slice(0, indent).includes('\t')) {
      throw new GateInvalidError(file, 'a tab at the beginning of a line: YAML wants spaces', number);
    }
    return [{ number, indent, text: content.slice(indent) }];
  });
}

/** Takes the `- item` lines that follow a key. */
function takeItems(file: string, lines: Line[]): Lined<Scalar>[] {
  const items: Lined<Scalar>[] = [];
  const indent = lines[0]?.indent;
  while (lines[0] !== undefined && /^-(\s|$)/.test(lines[0].text) && lines[0].indent === indent) {
    const { text, number } = lines.shift()!;
    items.push({ value: parseScalar(file, text.slice(1), number), line: number });
  }
  return items;
}

const ENTRY = /^([A-Za-z_][\w-]*|"[^"]*"|'[^']*')\s*:(?:\s+(.*))?$/;

/**
 * Reads the part of YAML that a gate needs: settings of one value or a list of values, with comments and quotes.
 * What of YAML is more than that (anchors, nesting, folded texts) is refused by line, never misread.
 * @throws GateInvalidError
 */
export function parseSettings(file: string, text: string): Settings {
  const lines = linesOf(file, text);
  const settings = new Map<string, Lined<Scalar | readonly Lined<Scalar>[]>>();
  while (lines.length > 0) {
    const { number, indent, text: content } = lines.shift()!;
    const entry = ENTRY.exec(content);
    if (entry === null || indent > 0) {
      throw new GateInvalidError(
        file,
        `expected "name: value", or "- item" below a name; came "${content}"`,
        number,
      );
    }
    const name = entry[1]!.replace(/^(["'])(.*)\1$/, '$2');
    if (settings.has(name)) throw new GateInvalidError(file, `"${name}" is set twice`, number);
    const value = parseScalar(file, entry[2] ?? '', number);
    const items = value === null ? takeItems(file, lines) : [];
    settings.set(name, { value: items.length > 0 ? items : value, line: number });
  }
  return settings;
}
