import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { GateInvalidError } from './errors.ts';

/** A value with the line it stands in, from 1. */
export interface Lined<T> {
  readonly value: T;
  readonly line: number;
}

export type Scalar = string | number | boolean | null;

/** The settings of a file: one value, or a list of them. */
export type Settings = ReadonlyMap<string, Lined<Scalar | readonly Lined<Scalar>[]>>;

const SIMPLE = ['string', 'number', 'boolean'];

/**
 * Reads the settings of a gate: each one value or a list of values, with the lines they stand in.
 * @throws GateInvalidError for what is no YAML, and for what a gate has no use for (nesting, anchors).
 */
export function parseSettings(file: string, text: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const lineOf = (node: Node | null | undefined): number => lineAt(node?.range?.[0] ?? 0);
  const [problem] = document.errors;
  if (problem) throw new GateInvalidError(file, problem.message, lineAt(problem.pos[0]), problem);
  const scalar = (node: unknown, line: number): Scalar => {
    if (node === null) return null;
    if (isMap(node)) throw new GateInvalidError(file, 'a text with ": " in it has to stand in quotes', line);
    if (!isScalar(node) || (node.value !== null && !SIMPLE.includes(typeof node.value)))
      throw new GateInvalidError(file, 'expected a text, a number, true or false', line);
    if (node.anchor !== undefined)
      throw new GateInvalidError(file, `a gate has no use for the anchor "&${node.anchor}"`, line);
    return node.value as Scalar;
  };
  const settings = new Map<string, Lined<Scalar | readonly Lined<Scalar>[]>>();
  const { contents } = document;
  if (contents === null) return settings;
  if (!isMap(contents))
    throw new GateInvalidError(file, 'expected lines of "name: value"', lineOf(contents as Node));
  for (const { key, value } of contents.items) {
    const line = lineOf(key as Node);
    const items = isSeq(value)
      ? value.items.map((item) => ({ value: scalar(item, lineOf(item as Node)), line: lineOf(item as Node) }))
      : undefined;
    settings.set(String(scalar(key, line)), { value: items ?? scalar(value, line), line });
  }
  return settings;
}
