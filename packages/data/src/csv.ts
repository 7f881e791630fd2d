import { checkAssumed, type CsvColumns, readColumns } from './csv-columns.ts';
import { CsvFields } from './csv-fields.ts';
import { classesOf, type LabelKind } from './csv-labels.ts';
import { DataFormatError } from './errors.ts';
import { type ImageSet, imageSize } from './image-set.ts';

/** A table as it was read, before anybody knows what its labels mean. */
export interface CsvTable {
  readonly file: string;
  readonly columns: CsvColumns;
  /** Pixels of every row, in the order of the columns. */
  readonly images: Uint8Array;
  /** For each row, which of `labels` it has, in their order. */
  readonly rows: Uint16Array;
  /** The different labels, in the order in which they come, with the row where each comes first. */
  readonly labels: ReadonlyMap<string, number>;
  readonly columnName: (column: number) => string;
}

/** What a descriptor says about its tables. */
export interface CsvShape {
  readonly classes: readonly string[];
  readonly image: { readonly height: number; readonly width: number; readonly channels: 1 | 3 };
  readonly labelColumn?: string | undefined;
  readonly labels?: LabelKind | undefined;
}

const NEWLINE = 0x0a;
/** More than there are classes, so that the wrong ones can be named. */
const MOST_LABELS = 1000;

/** At most so many rows: one for each line, and none shorter than a digit and a separator for every field. */
function mostRows(bytes: Uint8Array, width: number): number {
  let lines = 1;
  for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) lines += 1;
  return Math.min(lines, Math.floor((bytes.length + 1) / (2 * width)));
}

function namer({ label, header }: CsvColumns): (column: number) => string {
  const counted = (column: number): string =>
    column === label ? 'label' : `pixel${column + Number(column < label)}`;
  return (column) => `column ${column + 1} (${header?.[column] ?? counted(column)})`;
}

/** Collects the labels of a table. */
class Labels {
  readonly texts = new Map<string, number>();
  readonly #ids = new Map<string, number>();
  readonly #fields: CsvFields;

  constructor(fields: CsvFields) {
    this.#fields = fields;
  }

  /** The number of the text at the cursor. */
  read(): number {
    const text = this.#fields.text();
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#ids.size === MOST_LABELS) this.#fields.fail(`more than ${MOST_LABELS} different labels`);
    this.texts.set(text, this.#fields.row);
    this.#ids.set(text, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** Reads the row at the cursor; gives the number of its label. */
function readRow(fields: CsvFields, labels: Labels, label: number, pixels: Uint8Array): number {
  let id = 0;
  let pixel = 0;
  for (let column = 0; column <= pixels.length; column++) {
    if (column > 0 && !fields.comma())
      fields.fail(`a row has 1 label and ${pixels.length} pixels, this one has ${pixel} pixels`);
    if (column === label) id = labels.read();
    else pixels[pixel++] = fields.integer(column, 255, 'a pixel 0 to 255');
  }
  if (fields.comma()) fields.fail(`a row has 1 label and ${pixels.length} pixels, this one has more`);
  if (!fields.lineEnds()) fields.fail(`unexpected "${fields.text().slice(0, 20)}" at the end of the row`);
  return id;
}

function readTable(bytes: Uint8Array, file: string, shape: CsvShape, before?: CsvColumns): CsvTable {
  const size = imageSize(shape.image);
  const fields = new CsvFields(bytes, file);
  const columns = readColumns(fields, size, shape.classes, shape.labelColumn, before);
  fields.columnName = namer(columns);
  const capacity = mostRows(bytes, size + 1);
  const images = new Uint8Array(capacity * size);
  const rows = new Uint16Array(capacity);
  const labels = new Labels(fields);
  const last = new Set<number>();
  let count = 0;
  for (fields.skipBlankLines(); !fields.ended; fields.skipBlankLines()) {
    // a row beyond the capacity is too short, and says so
    const pixels =
      count < capacity ? images.subarray(count * size, (count + 1) * size) : new Uint8Array(size);
    rows[count++] = readRow(fields, labels, columns.label, pixels);
    last.add(pixels[size - 1]!);
  }
  if (count === 0) throw new DataFormatError(file, 'no rows');
  if (columns.assumed) checkAssumed(fields, new Set(labels.texts.keys()), last, shape.classes.length);
  return {
    ...{ file, columns, columnName: fields.columnName, labels: labels.texts },
    ...{ images: images.subarray(0, count * size), rows: rows.subarray(0, count) },
  };
}

/**
 * Reads tables of a label and pixels, a row for each image (channels are interleaved). A header is optional: it is a first
 * row with words for numbers, and says which column is the label. Without one that is the first column.
 * @param tables bytes by file, the training table first: the others are read like it
 * @throws DataFormatError naming file, row and column; also where it cannot be known which column is the label
 */
export function parseCsv(
  tables: readonly (readonly [file: string, bytes: Uint8Array])[],
  shape: CsvShape,
): ImageSet[] {
  const read: CsvTable[] = [];
  for (const [file, bytes] of tables) read.push(readTable(bytes, file, shape, read[0]?.columns));
  const labels = classesOf(read, shape.classes, shape.labels);
  return read.map(({ images, rows }, i) => ({
    ...{ images, labels: labels[i]!, count: rows.length },
    ...shape.image,
  }));
}
