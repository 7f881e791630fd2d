import type { Cell, ColumnKind } from '../tables.ts';
import { varint } from './thrift.ts';

/**
 * Parquet's encodings (Encodings.md of apache/parquet-format): PLAIN for values, the RLE half of the RLE/bit-packed
 * hybrid for levels and dictionary indices, which come in long runs here.
 */

function writeInt64(out: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32);
  out.writeInt32LE(high, at + 4);
  out.writeUInt32LE(value - high * 2 ** 32, at);
}

function plainBooleans(values: readonly Cell[]): Buffer {
  const out = Buffer.alloc(Math.ceil(values.length / 8));
  values.forEach((value, at) => {
    if (value === true) out[at >>> 3]! |= 1 << (at & 7);
  });
  return out;
}

function plainStrings(values: readonly Cell[]): Buffer {
  const parts: Buffer[] = [];
  for (const value of values) {
    const bytes = Buffer.from(String(value));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

/** Values one after the other; without nulls. */
export function plain(kind: ColumnKind, values: readonly Cell[]): Buffer {
  if (kind === 'boolean') return plainBooleans(values);
  if (kind === 'string') return plainStrings(values);
  const out = Buffer.allocUnsafe(values.length * 8);
  if (kind === 'double') values.forEach((value, at) => out.writeDoubleLE(value as number, at * 8));
  else values.forEach((value, at) => writeInt64(out, value as number, at * 8));
  return out;
}

/** Runs of equal numbers; each takes its length and the number in as few bytes as `bitWidth` needs. */
export function runLengths(values: ArrayLike<number>, bitWidth: number): Buffer {
  const bytesPerValue = Math.ceil(bitWidth / 8);
  const out: number[] = [];
  for (let from = 0; from < values.length;) {
    const value = values[from]!;
    let to = from + 1;
    while (to < values.length && values[to] === value) to++;
    out.push(...varint((to - from) * 2));
    for (let byte = 0; byte < bytesPerValue; byte++) out.push((value >>> (8 * byte)) & 0xff);
    from = to;
  }
  return Buffer.from(out);
}

/** 1 where there is a value, 0 where there is none, with the length in front as data pages (version 1) want it. */
export function definitionLevels(values: readonly Cell[]): Buffer {
  const levels = runLengths(
    values.map((value) => (value === null ? 0 : 1)),
    1,
  );
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(levels.length);
  return Buffer.concat([length, levels]);
}

export interface Dictionary {
  readonly entries: readonly string[];
  readonly indices: Uint32Array;
  /** Bits of the largest index. */
  readonly bitWidth: number;
}

/** A dictionary of texts, where that is worth it: undefined where most texts differ or runs are short. */
export function dictionaryOf(values: readonly Cell[]): Dictionary | undefined {
  const known = new Map<string, number>();
  const indices = new Uint32Array(values.length);
  let runs = 0;
  values.forEach((value, at) => {
    const text = String(value);
    let index = known.get(text);
    if (index === undefined) known.set(text, (index = known.size));
    indices[at] = index;
    if (at === 0 || indices[at - 1] !== index) runs++;
  });
  if (values.length === 0 || runs > values.length / 4) return undefined;
  const bitWidth = Math.max(1, Math.ceil(Math.log2(known.size)));
  return { entries: [...known.keys()], indices, bitWidth };
}
