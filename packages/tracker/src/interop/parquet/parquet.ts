import { gzipSync } from 'node:zlib';
import { OutputFile } from '../output-file.ts';
import type { OpenTable, TableFile } from '../table-export.ts';
import type { Cell, TableColumn } from '../tables.ts';
import { definitionLevels, dictionaryOf, plain, runLengths, type Dictionary } from './encodings.ts';
import {
  encodeDataPageHeader,
  encodeDictionaryPageHeader,
  encodeFooter,
  PLAIN,
  RLE,
  RLE_DICTIONARY,
  type ChunkPlace,
  type GroupPlace,
} from './metadata.ts';

const MAGIC = Buffer.from('PAR1');
const ROWS_PER_GROUP = 1 << 17;
/** UTF-16 units of text in a group: keeps pages far below the format's 2 GiB. */
const TEXT_PER_GROUP = 1 << 26;

/** One table, a row group at a time; memory holds at most one group. */
class ParquetFile<Row> implements TableFile<Row> {
  private readonly file: OutputFile;
  private readonly columns: readonly TableColumn<Row>[];
  private readonly groups: GroupPlace[] = [];
  private cells: Cell[][];
  private rows = 0;
  private textLength = 0;

  constructor(path: string, columns: readonly TableColumn<Row>[]) {
    this.file = new OutputFile(path);
    this.columns = columns;
    this.cells = columns.map(() => []);
    this.file.bytes(MAGIC);
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      this.columns.forEach((column, at) => this.keep(this.cells[at]!, column.of(row)));
      if (++this.rows === ROWS_PER_GROUP || this.textLength > TEXT_PER_GROUP) this.endGroup();
    }
  }

  end(): void {
    if (this.rows > 0) this.endGroup();
    const footer = encodeFooter(this.columns, this.groups);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(footer.length);
    for (const part of [footer, length, MAGIC]) this.file.bytes(part);
    this.file.end();
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  private keep(cells: Cell[], cell: Cell): void {
    cells.push(cell);
    if (typeof cell === 'string') this.textLength += cell.length;
  }

  private endGroup(): void {
    const chunks = this.columns.map((column, at) => this.writeChunk(column, this.cells[at]!));
    this.groups.push({ rows: this.rows, chunks });
    this.cells = this.columns.map(() => []);
    this.rows = 0;
    this.textLength = 0;
  }

  private writeChunk({ name, kind, required }: TableColumn<Row>, cells: readonly Cell[]): ChunkPlace {
    const present = required === true ? cells : cells.filter((cell) => cell !== null);
    const levels = required === true ? Buffer.alloc(0) : definitionLevels(cells);
    const dictionary = kind === 'string' ? dictionaryOf(present) : undefined;
    const start = this.file.position;
    let raw = dictionary === undefined ? 0 : this.writeDictionary(dictionary);
    const dataAt = this.file.position;
    const values =
      dictionary === undefined
        ? plain(kind, present)
        : Buffer.concat([
            Buffer.of(dictionary.bitWidth),
            runLengths(dictionary.indices, dictionary.bitWidth),
          ]);
    const encoding = dictionary === undefined ? PLAIN : RLE_DICTIONARY;
    raw += this.writePage(Buffer.concat([levels, values]), (page, packed) =>
      encodeDataPageHeader(cells.length, encoding, page, packed),
    );
    return {
      name,
      kind,
      encodings: dictionary === undefined ? [PLAIN, RLE] : [PLAIN, RLE, RLE_DICTIONARY],
      values: cells.length,
      nulls: cells.length - present.length,
      uncompressedBytes: raw,
      compressedBytes: this.file.position - start,
      dictionaryAt: dictionary === undefined ? undefined : start,
      dataAt,
    };
  }

  private writeDictionary({ entries }: Dictionary): number {
    return this.writePage(plain('string', entries), (page, packed) =>
      encodeDictionaryPageHeader(entries.length, page, packed),
    );
  }

  /** Returns what header and page would take uncompressed. */
  private writePage(page: Buffer, headerOf: (raw: number, packed: number) => Buffer): number {
    const packed = gzipSync(page, { level: 1 });
    const header = headerOf(page.length, packed.length);
    this.file.bytes(header);
    this.file.bytes(packed);
    return header.length + page.length;
  }
}

/** Apache Parquet: one gzip page a column and row group; texts by dictionary where they repeat; times in UTC. */
export const openParquet: OpenTable = (path, columns) => new ParquetFile(path, columns);
