import { DataFormatError } from './errors.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
export const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;

/** Longer than any label or column name. */
const LONGEST_TEXT = 1000;

/** Reads one field per call and knows where it is, for messages. A field may stand in quotes and between blanks. */
export class CsvFields {
  readonly bytes: Uint8Array;
  readonly file: string;
  at: number;
  row = 1;
  /** What a column is called, in messages. */
  columnName: (column: number) => string = (column) => `column ${column + 1}`;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
    // some programs begin with a byte-order mark
    this.at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  #skipBlanks(): void {
    while (this.bytes[this.at] === SPACE || this.bytes[this.at] === TAB) this.at += 1;
  }

  #fieldEnds(): boolean {
    const byte = this.bytes[this.at];
    return byte === undefined || byte === COMMA || byte === NEWLINE || byte === RETURN;
  }

  /** The integer at the cursor, 0 .. max; moves to the separator after it. */
  integer(column: number, max: number, what: string): number {
    const start = this.at;
    let byte = this.bytes[this.at];
    const plain = byte !== undefined && byte >= ZERO && byte <= NINE;
    if (!plain) {
      this.#skipBlanks();
      if (this.bytes[this.at] === QUOTE) this.at += 1;
      byte = this.bytes[this.at];
    }
    const digits = this.at;
    let value = 0;
    while (byte !== undefined && byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      byte = this.bytes[++this.at];
    }
    const some = this.at > digits;
    if (!plain && this.bytes[digits - 1] === QUOTE && byte === QUOTE) this.at += 1;
    if (!this.#fieldEnds()) this.#skipBlanks();
    if (!some || !this.#fieldEnds() || value > max) {
      this.at = start;
      const got = this.text();
      this.fail(
        `${this.columnName(column)}: expected ${what}, got ${got === '' ? 'nothing' : `"${got.slice(0, 20)}"`}`,
      );
    }
    return value;
  }

  /** The text at the cursor, without its quotes and the blanks around it; moves to the separator after it. */
  text(): string {
    this.#skipBlanks();
    const quoted = this.bytes[this.at] === QUOTE;
    const start = quoted ? ++this.at : this.at;
    while (quoted ? !this.#quoteEnds() : !this.#fieldEnds()) this.at += 1;
    const end = this.at;
    if (end - start > LONGEST_TEXT) this.fail(`a field of ${end - start} bytes`);
    const text = Buffer.from(this.bytes.subarray(start, end)).toString('utf8').trim();
    if (!quoted) return text;
    this.at += 1;
    this.#skipBlanks();
    return text.replaceAll('""', '"');
  }

  /** At a quote that ends its field; one that is doubled stands for itself. Passes over the first of two. */
  #quoteEnds(): boolean {
    if (this.ended) this.fail('a quote that does not end');
    if (this.bytes[this.at] !== QUOTE) return false;
    if (this.bytes[this.at + 1] !== QUOTE) return true;
    this.at += 1;
    return false;
  }

  /** True, and past it, when the cursor stands at a comma. */
  comma(): boolean {
    if (this.bytes[this.at] !== COMMA) return false;
    this.at += 1;
    return true;
  }

  /** True, and past it, when the cursor stands at the end of a line or of the file. */
  lineEnds(): boolean {
    if (this.bytes[this.at] === RETURN) this.at += 1;
    if (!this.ended && this.bytes[this.at] !== NEWLINE) return false;
    this.at += 1;
    this.row += 1;
    return true;
  }

  /** Passes over lines with nothing on them. */
  skipBlankLines(): void {
    while (!this.ended) {
      const byte = this.bytes[this.at];
      if (byte !== NEWLINE && !(byte === RETURN && this.bytes[this.at + 1] === NEWLINE)) return;
      this.lineEnds();
    }
  }

  /** The fields of the line at the cursor, which stays where it is. */
  peekLine(): string[] {
    const { at, row } = this;
    const fields = [];
    do fields.push(this.text());
    while (this.comma());
    if (!this.lineEnds()) this.fail(`unexpected "${this.text().slice(0, 20)}" after a quoted field`);
    this.at = at;
    this.row = row;
    return fields;
  }

  fail(problem: string, row = this.row): never {
    throw new DataFormatError(this.file, problem, { row });
  }
}
