import { DataFormatError } from './errors.ts';
import type { ImageSet } from './image-set.ts';

const COMMA = 0x2c;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const ZERO = 0x30;
const NINE = 0x39;

function countRows(bytes: Uint8Array): number {
  let rows = 0;
  for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) rows += 1;
  return bytes.at(-1) === NEWLINE ? rows : rows + 1;
}

/** Where the text begins: after the byte-order mark that some programs write. */
function textStart(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** A header has names where a row has numbers: in the label's column and in the first pixel's. */
function isHeader(bytes: Uint8Array, start: number): boolean {
  const comma = bytes.indexOf(COMMA, start);
  return (
    comma > start && !isDigit(bytes[start]) && /[a-z"]/i.test(String.fromCharCode(bytes[comma + 1] ?? 0))
  );
}

function fieldText(bytes: Uint8Array, from: number): string {
  let end = from;
  while (end < bytes.length && bytes[end] !== COMMA && bytes[end] !== NEWLINE && end - from < 20) end += 1;
  return Buffer.from(bytes.subarray(from, end)).toString('utf8').trim();
}

function columnName(column: number): string {
  return column === 0 ? 'label' : `pixel${column}`;
}

/** Reads one field per call and knows where it is, for messages. */
class Fields {
  readonly bytes: Uint8Array;
  readonly file: string;
  at = 0;
  row = 1;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
  }

  /** The integer at the cursor, 0 .. max; moves to the separator after it. */
  integer(column: number, max: number, what: string): number {
    const start = this.at;
    let value = 0;
    let byte = this.bytes[this.at];
    while (byte !== undefined && byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      byte = this.bytes[++this.at];
    }
    const ended = byte === undefined || byte === COMMA || byte === NEWLINE || byte === RETURN;
    if (this.at === start || !ended || value > max) {
      const got = fieldText(this.bytes, start);
      this.fail(
        `column ${column + 1} (${columnName(column)}): expected ${what}, got ${got === '' ? 'nothing' : `"${got}"`}`,
      );
    }
    return value;
  }

  /** True, and past it, when the cursor stands at the end of a line or of the file. */
  lineEnds(): boolean {
    if (this.bytes[this.at] === RETURN) this.at += 1;
    if (this.at < this.bytes.length && this.bytes[this.at] !== NEWLINE) return false;
    this.at += 1;
    this.row += 1;
    return true;
  }

  skipLine(): void {
    const end = this.bytes.indexOf(NEWLINE, this.at);
    this.at = end < 0 ? this.bytes.length : end + 1;
    this.row += 1;
  }

  blankLine(): boolean {
    const byte = this.bytes[this.at];
    return byte === NEWLINE || (byte === RETURN && this.bytes[this.at + 1] === NEWLINE);
  }

  fail(problem: string): never {
    throw new DataFormatError(this.file, problem, { row: this.row });
  }
}

function readRow(
  fields: Fields,
  set: { images: Uint8Array; labels: Uint8Array },
  row: number,
  size: number,
  classes: number,
): void {
  set.labels[row] = fields.integer(0, classes - 1, `a label 0 to ${classes - 1}`);
  for (let i = 0; i < size; i++) {
    if (fields.bytes[fields.at] !== COMMA)
      fields.fail(`a row has 1 label and ${size} pixels, this one has ${i} pixels`);
    fields.at += 1;
    set.images[row * size + i] = fields.integer(i + 1, 255, 'a pixel 0 to 255');
  }
  if (fields.bytes[fields.at] === COMMA)
    fields.fail(`a row has 1 label and ${size} pixels, this one has more`);
}

/**
 * Reads `label,pixel1,..,pixelN` lines (a header is optional, channels are interleaved).
 * @throws DataFormatError naming file, row and column.
 */
export function parseCsv(
  bytes: Uint8Array,
  file: string,
  image: { readonly height: number; readonly width: number; readonly channels: 1 | 3 },
  classes: number,
): ImageSet {
  const size = image.height * image.width * image.channels;
  const fields = new Fields(bytes, file);
  fields.at = textStart(bytes);
  if (isHeader(bytes, fields.at)) fields.skipLine();
  const capacity = countRows(bytes);
  const set = { images: new Uint8Array(capacity * size), labels: new Uint8Array(capacity) };
  let count = 0;
  while (fields.at < bytes.length) {
    if (fields.blankLine()) {
      fields.skipLine();
      continue;
    }
    readRow(fields, set, count, size, classes);
    if (!fields.lineEnds()) fields.fail(`unexpected "${fieldText(bytes, fields.at)}" at the end of the row`);
    count += 1;
  }
  if (count === 0) throw new DataFormatError(file, 'no rows');
  return {
    images: set.images.subarray(0, count * size),
    labels: set.labels.slice(0, count),
    count,
    ...image,
  };
}
