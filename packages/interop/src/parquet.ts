import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { gzipSync } from 'node:zlib';
import { OutputFile } from './output-file.ts';
import type { OpenTable, TableFile } from './table-export.ts';
import type { Cell, ColumnKind, TableColumn } from './tables.ts';

const ROWS_PER_GROUP = 1 << 17;
/** UTF-16 units of text in a group: keeps pages far below the format's 2 GiB. */
const TEXT_PER_GROUP = 1 << 26;

const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
};

function elementOf<Row>({ name, kind, required }: TableColumn<Row>): SchemaElement {
  return { name, ...TYPES[kind], repetition_type: required === true ? 'REQUIRED' : 'OPTIONAL' };
}

/** One table, a row group at a time; memory holds at most one group. */
class ParquetFile<Row> implements TableFile<Row> {
  private readonly file: OutputFile;
  private readonly columns: readonly TableColumn<Row>[];
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private cells: (Cell | bigint)[][];
  private rows = 0;
  private textLength = 0;

  constructor(path: string, columns: readonly TableColumn<Row>[]) {
    this.file = new OutputFile(path);
    this.columns = columns;
    this.cells = columns.map(() => []);
    const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)];
    const compressors = { GZIP: (page: Uint8Array) => gzipSync(page, { level: 1 }) };
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema,
      codec: 'GZIP',
      compressors,
      createdBy: 'atelier',
    });
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      this.columns.forEach((column, at) => this.keep(this.cells[at]!, column.kind, column.of(row)));
      if (++this.rows === ROWS_PER_GROUP || this.textLength > TEXT_PER_GROUP) this.endGroup();
    }
  }

  end(): void {
    if (this.rows > 0) this.endGroup();
    this.writer.finish();
    this.drain();
    this.file.end();
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  private keep(cells: (Cell | bigint)[], kind: ColumnKind, cell: Cell): void {
    const whole = kind === 'int64' || kind === 'timestamp';
    cells.push(whole && cell !== null ? BigInt(cell) : cell);
    if (typeof cell === 'string') this.textLength += cell.length;
  }

  private endGroup(): void {
    const columnData = this.columns.map(({ name, kind }, at) => ({
      name,
      data: this.cells[at]!,
      // a dictionary of numbers takes 0 and -0 for one
      ...(kind !== 'string' && { encoding: 'PLAIN' as const }),
    }));
    this.writer.write({ columnData, rowGroupSize: this.rows });
    this.drain();
    this.cells = this.columns.map(() => []);
    this.rows = 0;
    this.textLength = 0;
  }

  private drain(): void {
    this.file.bytes(this.bytes.getBytes());
    this.bytes.index = 0;
  }
}

/** Apache Parquet: gzip pages; texts by dictionary where they repeat; times in UTC. */
export const openParquet: OpenTable = (path, columns) => new ParquetFile(path, columns);
