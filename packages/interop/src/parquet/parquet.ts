import { gzipSync } from 'node:zlib';
import { OutputFile } from '../output-file.ts';
import type { OpenTable, TableFile } from '../table-export.ts';
import type { Cell, TableColumn } from '../tables.ts';
import { definitionLevels, dictionaryOf, plain, runLengths } from './encodings.ts';
import {
  encodeDataPageHeader,
  encodeDictionaryPageHeader,
  encodeFooter,
  GZIP,
  PLAIN,
  RLE,
  RLE_DICTIONARY,
  UNCOMPRESSED,
  type ChunkPlace,
  type GroupPlace,
} from './metadata.ts';

const MAGIC = Buffer.from('PAR1');
const ROWS_PER_GROUP = 1 << 17;
/** Bytes of a column below which packing them saves nothing. */
const WORTH_PACKING = 4096;
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
    const entries = dictionary === undefined ? undefined : plain('string', dictionary.entries);
    const values =
      dictionary === undefined
        ? plain(kind, present)
        : Buffer.concat([
            Buffer.of(dictionary.bitWidth),
            runLengths(dictionary.indices, dictionary.bitWidth),
          ]);
    const page = Buffer.concat([levels, values]);
    const codec = page.length + (entries?.length ?? 0) < WORTH_PACKING ? UNCOMPRESSED : GZIP;
    let raw = 0;
    if (entries !== undefined) {
      const count = dictionary!.entries.length;
      raw += this.writePage(entries, codec, (bytes, packed) =>
        encodeDictionaryPageHeader(count, bytes, packed),
      );
    }
    const dataAt = this.file.position;
    const encoding = dictionary === undefined ? PLAIN : RLE_DICTIONARY;
    raw += this.writePage(page, codec, (bytes, packed) =>
      encodeDataPageHeader(cells.length, encoding, bytes, packed),
    );
    return {
      name,
      kind,
      codec,
      encodings: dictionary === undefined ? [PLAIN, RLE] : [PLAIN, RLE, RLE_DICTIONARY],
      values: cells.length,
      nulls: cells.length - present.length,
      uncompressedBytes: raw,
      compressedBytes: this.file.position - start,
      dictionaryAt: dictionary === undefined ? undefined : start,
      dataAt,
    };
  }

  /** Returns what header and page would take uncompressed. */
  private writePage(page: Buffer, codec: number, headerOf: (raw: number, packed: number) => Buffer): number {
    const packed = codec === GZIP ? gzipSync(page, { level: 1 }) : page;
    const header = headerOf(page.length, packed.length);
    this.file.bytes(header);
    this.file.bytes(packed);
    return header.length + page.length;
  }
}

/** Apache Parquet: one gzip page a column and row group; texts by dictionary where they repeat; times in UTC. */
export const openParquet: OpenTable = (path, columns) => new ParquetFile(path, columns);
