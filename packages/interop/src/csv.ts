import { OutputFile } from './output-file.ts';
import type { OpenTable, TableFile } from './table-export.ts';
import type { Cell, ColumnKind, TableColumn } from './tables.ts';

const NUMBER = /^[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?|Infinity)$/i;
/** What a spreadsheet takes for a formula, also behind the apostrophes that this puts in front of one. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** A text that a spreadsheet would run gets an apostrophe in front: nobody runs what a run is called. */
function inert(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

/** RFC 4180: quoted where the text holds a comma, a quote or a line break. An empty text is `""`, no cell is nothing. */
function quoted(cell: string): string {
  const text = inert(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function toText(value: Cell, kind: ColumnKind): string {
  if (value === null) return '';
  if (kind === 'timestamp') return new Date(Number(value)).toISOString();
  if (typeof value === 'string') return quoted(value);
  return Object.is(value, -0) ? '-0' : String(value);
}

class CsvFile<Row> implements TableFile<Row> {
  private readonly file: OutputFile;
  private readonly columns: readonly TableColumn<Row>[];

  constructor(path: string, columns: readonly TableColumn<Row>[]) {
    this.file = new OutputFile(path);
    this.columns = columns;
    this.file.text(`${columns.map(({ name }) => quoted(name)).join(',')}\n`);
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      this.file.text(`${this.columns.map((column) => toText(column.of(row), column.kind)).join(',')}\n`);
    }
  }

  end(): void {
    this.file.end();
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }
}

/** UTF-8, a heading, `\n`; times as ISO 8601 UTC, NaN and infinities by JavaScript's (and pandas's) names. */
export const openCsv: OpenTable = (path, columns) => new CsvFile(path, columns);
