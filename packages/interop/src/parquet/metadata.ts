import type { ColumnKind, TableColumn } from '../tables.ts';
import {
  binary,
  bool,
  encodeStruct,
  i16,
  i32,
  i64,
  list,
  struct,
  type ThriftStruct,
  type ThriftValue,
} from './thrift.ts';

/** Ids of parquet.thrift (apache/parquet-format). */
const PHYSICAL: Readonly<Record<ColumnKind, number>> = {
  boolean: 0,
  int64: 2,
  timestamp: 2,
  double: 5,
  string: 6,
};
const UTF8 = 0;
const TIMESTAMP_MILLIS = 9;
export const PLAIN = 0;
export const RLE = 3;
export const RLE_DICTIONARY = 8;
export const UNCOMPRESSED = 0;
export const GZIP = 2;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const REQUIRED = 0;
const OPTIONAL = 1;

/** One column of one row group, as it lies in the file. */
export interface ChunkPlace {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly codec: number;
  readonly encodings: readonly number[];
  readonly values: number;
  readonly nulls: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  readonly dictionaryAt: number | undefined;
  readonly dataAt: number;
}

export interface GroupPlace {
  readonly rows: number;
  readonly chunks: readonly ChunkPlace[];
}

function typeFields(kind: ColumnKind): ThriftStruct {
  if (kind === 'string') return { 6: i32(UTF8), 10: struct({ 1: struct({}) }) };
  if (kind !== 'timestamp') return {};
  const utcMilliseconds = struct({ 1: bool(true), 2: struct({ 1: struct({}) }) });
  return { 6: i32(TIMESTAMP_MILLIS), 10: struct({ 8: utcMilliseconds }) };
}

function schemaElement<Row>({ name, kind, required }: TableColumn<Row>): ThriftValue {
  return struct({
    1: i32(PHYSICAL[kind]),
    3: i32(required === true ? REQUIRED : OPTIONAL),
    4: binary(name),
    ...typeFields(kind),
  });
}

function columnChunk(chunk: ChunkPlace): ThriftValue {
  const metadata = struct({
    1: i32(PHYSICAL[chunk.kind]),
    2: list(chunk.encodings.map(i32)),
    3: list([binary(chunk.name)]),
    4: i32(chunk.codec),
    5: i64(chunk.values),
    6: i64(chunk.uncompressedBytes),
    7: i64(chunk.compressedBytes),
    9: i64(chunk.dataAt),
    11: chunk.dictionaryAt === undefined ? undefined : i64(chunk.dictionaryAt),
    12: struct({ 3: i64(chunk.nulls) }),
  });
  return struct({ 2: i64(chunk.dictionaryAt ?? chunk.dataAt), 3: metadata });
}

function rowGroup({ rows, chunks }: GroupPlace, ordinal: number): ThriftValue {
  const sum = (of: (chunk: ChunkPlace) => number): number =>
    chunks.reduce((total, chunk) => total + of(chunk), 0);
  const first = chunks[0]!;
  return struct({
    1: list(chunks.map(columnChunk)),
    2: i64(sum((chunk) => chunk.uncompressedBytes)),
    3: i64(rows),
    5: i64(first.dictionaryAt ?? first.dataAt),
    6: i64(sum((chunk) => chunk.compressedBytes)),
    // an i16 in the format, and optional
    7: ordinal < 2 ** 15 ? i16(ordinal) : undefined,
  });
}

export function encodeFooter<Row>(
  columns: readonly TableColumn<Row>[],
  groups: readonly GroupPlace[],
): Buffer {
  const root = struct({ 4: binary('schema'), 5: i32(columns.length) });
  return encodeStruct({
    1: i32(1),
    2: list([root, ...columns.map(schemaElement)]),
    3: i64(groups.reduce((rows, group) => rows + group.rows, 0)),
    4: list(groups.map(rowGroup)),
    6: binary('atelier'),
  });
}

export function encodeDataPageHeader(values: number, encoding: number, raw: number, packed: number): Buffer {
  const data = struct({ 1: i32(values), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE) });
  return encodeStruct({ 1: i32(DATA_PAGE), 2: i32(raw), 3: i32(packed), 5: data });
}

export function encodeDictionaryPageHeader(entries: number, raw: number, packed: number): Buffer {
  const dictionary = struct({ 1: i32(entries), 2: i32(PLAIN) });
  return encodeStruct({ 1: i32(DICTIONARY_PAGE), 2: i32(raw), 3: i32(packed), 7: dictionary });
}
