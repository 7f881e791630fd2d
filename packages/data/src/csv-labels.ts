import { namesNear } from '@atelier/base';
import type { CsvTable } from './csv.ts';
import { DataFormatError } from './errors.ts';

export type LabelKind = 'indices' | 'names';

/** The class that a text stands for, or -1. */
type Reading = (text: string) => number;

function readings(classes: readonly string[]): Record<LabelKind, Reading> {
  return {
    indices: (text) => (/^\d+$/.test(text) && Number(text) < classes.length ? Number(text) : -1),
    names: (text) => classes.indexOf(text.normalize('NFC')),
  };
}

function refuse(table: CsvTable, text: string, classes: readonly string[]): never {
  const [near] = namesNear(text, classes, 1);
  const guess = near === undefined ? '' : `; the nearest class is "${near}"`;
  const got = text === '' ? 'nothing' : `"${text.slice(0, 40)}"`;
  throw new DataFormatError(
    table.file,
    `${table.columnName(table.columns.label)}: expected a label 0 to ${classes.length - 1} or a class name, got ${got}${guess}`,
    { row: table.labels.get(text)! },
  );
}

/** Indices or names: what fits every label of every table. Where both fit and differ, the descriptor must say. */
function kindOf(tables: readonly CsvTable[], classes: readonly string[]): LabelKind {
  const { indices, names } = readings(classes);
  const texts = tables.flatMap(({ labels }) => [...labels.keys()]);
  const fits = (reading: Reading): boolean => texts.every((text) => reading(text) >= 0);
  if (!fits(indices)) return texts.some((text) => names(text) >= 0) ? 'names' : 'indices';
  if (!fits(names)) return 'indices';
  const doubtful = texts.find((text) => indices(text) !== names(text));
  if (doubtful === undefined) return 'indices';
  throw new DataFormatError(
    tables[0]!.file,
    `label ${doubtful} may be class number ${doubtful} ("${classes[indices(doubtful)]}", counted from 0) or the class named ` +
      `"${doubtful}": say which with "labels": "indices" or "names" in the descriptor`,
  );
}

/**
 * The class of every row, table by table.
 * @param asked the descriptor's `labels`
 * @throws DataFormatError naming row and text
 */
export function classesOf(
  tables: readonly CsvTable[],
  classes: readonly string[],
  asked?: LabelKind,
): Uint8Array[] {
  const reading = readings(classes)[asked ?? kindOf(tables, classes)];
  return tables.map((table) => {
    const known = [...table.labels.keys()].map((text) => {
      const label = reading(text);
      return label >= 0 ? label : refuse(table, text, classes);
    });
    return Uint8Array.from(table.rows, (id) => known[id]!);
  });
}
