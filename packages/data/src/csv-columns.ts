import { nearest } from '@atelier/base';
import type { CsvFields } from './csv-fields.ts';

/** Where the label stands in a row. */
export interface CsvColumns {
  /** Column of the label, from 0. */
  readonly label: number;
  /** Names of all columns, where the table has a header. */
  readonly header: readonly string[] | undefined;
  /** Nobody said where the label is: it is where the rule says. */
  readonly assumed: boolean;
}

/** What a label's column is called in the tables of the field. */
const LABEL_NAMES = ['label', 'labels', 'class', 'target', 'y'];
const ADVICE = 'say where it is with "labelColumn" in the descriptor: a column\'s name, or "first" or "last"';

const isWord = (text: string): boolean => text !== '' && Number.isNaN(Number(text));
const isLabelName = (text: string): boolean => LABEL_NAMES.includes(text.toLowerCase());

/** 0, 1, 2, ... or 1, 2, 3, ...: columns that were only counted. */
function counts(texts: readonly string[]): boolean {
  const first = Number(texts[0]);
  return (first === 0 || first === 1) && texts.every((text, i) => Number(text) === first + i);
}

/** A header has names where a row has numbers, in most of its columns. One word alone is the label of a row, unless it says `label`. */
function isHeader(fields: readonly string[], classes: readonly string[]): boolean {
  const words = fields.filter(isWord);
  const [word] = words;
  if (words.length !== 1) return words.length > fields.length / 2;
  if (classes.includes(word!)) return false;
  return isLabelName(word!) || counts(fields.filter((text) => text !== word));
}

function indexOfName(header: readonly string[], wanted: string): number {
  const exact = header.indexOf(wanted);
  return exact >= 0 ? exact : header.findIndex((name) => name.toLowerCase() === wanted.toLowerCase());
}

/** The column that the header calls a label, or else the only one that is not numbered. */
function labelIn(header: readonly string[], fields: CsvFields): number {
  const called = header.flatMap((name, i) => (isLabelName(name) ? [i] : []));
  const unnumbered = header.flatMap((name, i) => (/\d/.test(name) ? [] : [i]));
  const candidates = called.length > 0 ? called : unnumbered;
  if (candidates.length === 1) return candidates[0]!;
  const what =
    candidates.length === 0
      ? `no column of the header is called ${LABEL_NAMES.join(', ')}`
      : `the label may be ${candidates.map((i) => `"${header[i]}"`).join(' or ')}`;
  return fields.fail(`${what}; ${ADVICE}`);
}

function askedFor(
  asked: string,
  header: readonly string[] | undefined,
  width: number,
  fields: CsvFields,
): number {
  const named = header === undefined ? -1 : indexOfName(header, asked);
  if (named >= 0) return named;
  if (asked === 'first') return 0;
  if (asked === 'last') return width - 1;
  if (header === undefined) return fields.fail(`there is no header with a column "${asked}" (labelColumn)`);
  return fields.fail(`no column "${asked}" (labelColumn); the nearest is "${nearest(asked, header)}"`);
}

/**
 * Finds the label's column and passes over the header.
 * @param pixels of an image
 * @param asked the descriptor's `labelColumn`
 * @param before what the training table has: a table without a header is like it
 * @throws DataFormatError where it cannot be known
 */
export function readColumns(
  fields: CsvFields,
  pixels: number,
  classes: readonly string[],
  asked?: string,
  before?: CsvColumns,
): CsvColumns {
  fields.skipBlankLines();
  if (fields.ended) return { label: 0, header: undefined, assumed: false };
  const line = fields.peekLine();
  const header = isHeader(line, classes) ? line : undefined;
  const width = pixels + 1;
  if (header !== undefined) {
    if (header.length !== width)
      fields.fail(`a header of ${header.length} columns; 1 label and ${pixels} pixels are ${width}`);
    header.forEach(() => (fields.text(), fields.comma()));
    fields.lineEnds();
  }
  if (asked !== undefined) return { label: askedFor(asked, header, width, fields), header, assumed: false };
  if (header !== undefined) return { label: labelIn(header, fields), header, assumed: false };
  if (before !== undefined) return { ...before, header, assumed: false };
  // a class name shows where the label is; else it comes first
  const name = [0, width - 1].find((i) => classes.includes(line[i] ?? '') && isWord(line[i]!));
  return { label: name ?? 0, header, assumed: name === undefined };
}

/** Refuses a table where the last column looks as much like a label as the first, or more. */
export function checkAssumed(
  fields: CsvFields,
  first: ReadonlySet<string>,
  last: ReadonlySet<number>,
  classes: number,
): void {
  const fits = last.size > 1 && Math.max(...last) < classes;
  const telling = first.size === 1 || (first.size === classes && last.size === classes);
  if (!fits || !telling) return;
  fields.fail(
    `without a header the label is in the first column, which has ${first.size} different values; the last one, with ` +
      `${last.size}, may be it too: ${ADVICE}`,
    1,
  );
}
