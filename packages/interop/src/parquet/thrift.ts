/** Thrift's compact protocol, as far as Parquet's footer and page headers need it (thrift-compact-protocol.md). */

export type ThriftValue =
  | { readonly kind: 'i16' | 'i32' | 'i64'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'binary'; readonly value: string }
  | { readonly kind: 'struct'; readonly value: ThriftStruct }
  | { readonly kind: 'list'; readonly value: readonly ThriftValue[] };

/** Fields by id. */
export type ThriftStruct = Readonly<Record<number, ThriftValue | undefined>>;

export const i16 = (value: number): ThriftValue => ({ kind: 'i16', value });
export const i32 = (value: number): ThriftValue => ({ kind: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ kind: 'i64', value });
export const bool = (value: boolean): ThriftValue => ({ kind: 'bool', value });
export const binary = (value: string): ThriftValue => ({ kind: 'binary', value });
export const struct = (value: ThriftStruct): ThriftValue => ({ kind: 'struct', value });
export const list = (value: readonly ThriftValue[]): ThriftValue => ({ kind: 'list', value });

const TYPE_IDS = { i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const TRUE_ID = 1;
const FALSE_ID = 2;

function typeId(value: ThriftValue): number {
  if (value.kind === 'bool') return value.value ? TRUE_ID : FALSE_ID;
  return TYPE_IDS[value.kind];
}

/** Unsigned LEB128; numbers up to 2^53, so no bit operations. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** Small magnitudes of either sign become small unsigned numbers. */
function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

function writeValue(out: number[], value: ThriftValue): void {
  if (value.kind === 'binary') {
    const bytes = Buffer.from(value.value);
    out.push(...varint(bytes.length));
    for (const byte of bytes) out.push(byte);
  } else if (value.kind === 'struct') {
    writeStruct(out, value.value);
  } else if (value.kind === 'list') {
    writeList(out, value.value);
  } else if (value.kind !== 'bool') {
    out.push(...varint(zigzag(value.value)));
  }
}

function writeList(out: number[], items: readonly ThriftValue[]): void {
  const type = items[0] === undefined ? TYPE_IDS.struct : typeId(items[0]);
  if (items.length < 15) out.push((items.length << 4) | type);
  else out.push(0xf0 | type, ...varint(items.length));
  for (const item of items) writeValue(out, item);
}

function writeStruct(out: number[], fields: ThriftStruct): void {
  let previous = 0;
  for (const [text, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const id = Number(text);
    const delta = id - previous;
    if (delta <= 15) out.push((delta << 4) | typeId(value));
    else out.push(typeId(value), ...varint(zigzag(id)));
    writeValue(out, value);
    previous = id;
  }
  out.push(0);
}

export function encodeStruct(fields: ThriftStruct): Buffer {
  const out: number[] = [];
  writeStruct(out, fields);
  return Buffer.from(out);
}
