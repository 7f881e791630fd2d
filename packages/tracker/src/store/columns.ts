/**
 * Columns of numbers as bytes: each column takes the smallest of a few exact encodings. Nothing is ever rounded; every
 * NaN comes back as the one JavaScript knows. Little endian, each column starts at a multiple of eight bytes.
 */

const CONSTANT = 0;
const LINEAR = 1;
const FLOAT32 = 2;
const FLOAT64 = 3;
const DELTAS = 4;
const QUOTIENT = 5;

const MAGIC = 0x4c4f4331; // "1COL"
const LARGEST_DELTA = 2 ** 30;
/** Rows of the largest block that is ever written: a full chunk of points. A few bytes may stand for all of them. */
const MOST_ROWS = 4096;

function isConstant(values: Float64Array): boolean {
  const first = values[0]!;
  for (let at = 1; at < values.length; at++) if (!Object.is(values[at], first)) return false;
  return true;
}

function isLinear(values: Float64Array): boolean {
  const first = values[0]!;
  const slope = values[1]! - first;
  if (!Number.isFinite(slope)) return false;
  for (let at = 1; at < values.length; at++) if (!Object.is(values[at], first + at * slope)) return false;
  return true;
}

function fitsFloat32(values: Float64Array): boolean {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Math.fround(value) !== value && !Number.isNaN(value)) return false;
  }
  return true;
}

/** Whether all values are whole and near their neighbours. */
function hasSmallDeltas(values: Float64Array): boolean {
  if (!Number.isSafeInteger(values[0]!)) return false;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
    if (at > 0 && Math.abs(value - values[at - 1]!) > LARGEST_DELTA) return false;
  }
  return true;
}

/** The whole number that `reference` divided by gives exactly `values`: an epoch is a step by the steps per epoch. */
function quotientOf(values: Float64Array, reference: Float64Array): number | undefined {
  const last = values.length - 1;
  const divisor = Math.round(reference[last]! / values[last]!);
  if (!Number.isSafeInteger(divisor) || divisor < 1) return undefined;
  for (let at = 0; at < values.length; at++) {
    if (!Object.is(values[at], reference[at]! / divisor)) return undefined;
  }
  return divisor;
}

function toDeltas(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(8 + values.length * 5);
  new DataView(bytes.buffer).setFloat64(0, values[0]!, true);
  let length = 8;
  for (let at = 1; at < values.length; at++) {
    const delta = values[at]! - values[at - 1]!;
    let rest = delta < 0 ? -2 * delta - 1 : 2 * delta;
    while (rest >= 128) {
      bytes[length++] = (rest & 127) | 128;
      rest = rest >>> 7;
    }
    bytes[length++] = rest;
  }
  return bytes.subarray(0, length);
}

function fromDeltas(bytes: Uint8Array, values: Float64Array): void {
  let value = float64At(bytes, 0);
  values[0] = value;
  let from = 8;
  for (let at = 1; at < values.length; at++) {
    let rest = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[from++];
      if (byte === undefined || shift > 28) throw new RangeError('a column of differences is cut short');
      rest |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    rest = rest >>> 0;
    value += rest & 1 ? -(rest >>> 1) - 1 : rest >>> 1;
    values[at] = value;
  }
}

const asBytes = (array: Float64Array | Float32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

type Encoded = readonly [tag: number, bytes: Uint8Array];

function encodeColumn(values: Float64Array, reference: Float64Array): Encoded {
  if (isConstant(values)) return [CONSTANT, asBytes(values.slice(0, 1))];
  if (isLinear(values)) return [LINEAR, asBytes(Float64Array.of(values[0]!, values[1]! - values[0]!))];
  if (hasSmallDeltas(values)) return [DELTAS, toDeltas(values)];
  const divisor = values === reference ? undefined : quotientOf(values, reference);
  if (divisor !== undefined) return [QUOTIENT, asBytes(Float64Array.of(divisor))];
  return fitsFloat32(values) ? [FLOAT32, asBytes(Float32Array.from(values))] : [FLOAT64, asBytes(values)];
}

const padded = (length: number): number => (length + 7) & ~7;

/** Columns of one length, at least one row. The first may serve the others as a reference. */
export function encodeColumns(columns: readonly Float64Array[]): Buffer {
  const first = columns[0]!;
  const parts = columns.map((column) => encodeColumn(column, first));
  const size = parts.reduce((sum, [, bytes]) => sum + 8 + padded(bytes.length), 8);
  const blob = Buffer.alloc(size);
  blob.writeUInt32LE(MAGIC, 0);
  blob.writeUInt32LE(first.length, 4);
  let at = 8;
  for (const [tag, bytes] of parts) {
    blob.writeUInt32LE(tag, at);
    blob.writeUInt32LE(bytes.length, at + 4);
    blob.set(bytes, at + 8);
    at += 8 + padded(bytes.length);
  }
  return blob;
}

function floats64(bytes: Uint8Array, length: number): Float64Array {
  if (bytes.length < length * 8) throw new RangeError('a column of numbers is cut short');
  if (bytes.byteOffset % 8 === 0) return new Float64Array(bytes.buffer, bytes.byteOffset, length);
  return new Float64Array(Uint8Array.from(bytes).buffer, 0, length);
}

/** @throws RangeError beyond the bytes */
function float64At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(at, true);
}

function decodeColumn(tag: number, bytes: Uint8Array, count: number, reference: Float64Array | undefined) {
  if (tag === FLOAT64) return floats64(bytes, count);
  const values = new Float64Array(count);
  if (tag === CONSTANT) values.fill(float64At(bytes, 0));
  else if (tag === LINEAR) {
    const first = float64At(bytes, 0);
    const slope = float64At(bytes, 8);
    for (let at = 0; at < count; at++) values[at] = first + at * slope;
  } else if (tag === FLOAT32) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < count; at++) values[at] = view.getFloat32(at * 4, true);
  } else if (tag === DELTAS) fromDeltas(bytes, values);
  else if (tag === QUOTIENT && reference !== undefined) {
    const divisor = float64At(bytes, 0);
    for (let at = 0; at < count; at++) values[at] = reference[at]! / divisor;
  } else throw new RangeError(`unknown column encoding ${tag}`);
  return values;
}

/**
 * The `columns` columns of a blob of {@link encodeColumns}. Takes time and memory by the rows that a block may have,
 * whatever the bytes say: they may come from a stranger.
 * @throws RangeError where the blob is none.
 */
export function decodeColumns(blob: Uint8Array, columns: number): Float64Array[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (blob.length < 8 || view.getUint32(0, true) !== MAGIC) throw new RangeError('not a block of columns');
  const count = view.getUint32(4, true);
  if (count < 1 || count > MOST_ROWS)
    throw new RangeError(`a block of ${count} rows: 1 to ${MOST_ROWS} are written`);
  const decoded: Float64Array[] = [];
  let at = 8;
  while (decoded.length < columns) {
    const tag = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length;
    if (end > blob.length) throw new RangeError('a block of columns is cut short');
    decoded.push(decodeColumn(tag, blob.subarray(at + 8, end), count, decoded[0]));
    at += 8 + padded(length);
  }
  if (at !== blob.length)
    throw new RangeError(`${blob.length - at} bytes follow the last of ${columns} columns`);
  return decoded;
}
