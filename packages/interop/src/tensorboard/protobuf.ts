/** Protocol buffers' wire format: the wire types that TensorBoard's messages use. */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function key(field: number, wireType: number): Buffer {
  return varint(BigInt((field << 3) | wireType));
}

/** int32, int64, bool and enum fields: two's complement in 64 bits. */
export function int(field: number, value: number | boolean): Buffer {
  return Buffer.concat([key(field, VARINT), varint(BigInt(value))]);
}

export function double(field: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, FIXED64), bytes]);
}

export function float(field: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, FIXED32), bytes]);
}

/** Texts, bytes and messages. */
export function bytes(field: number, value: string | Uint8Array): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([key(field, LENGTH), varint(BigInt(content.length)), content]);
}

export function message(field: number, ...fields: readonly Uint8Array[]): Buffer {
  return bytes(field, Buffer.concat(fields));
}
