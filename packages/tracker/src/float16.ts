/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits; about 3 decimal digits, steps of 2^-24 near zero. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Nearest half-precision number as its 16 bits; ties to even, overflow to infinity, NaN stays NaN. */
export function toHalf(value: number): number {
  float[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and more round to infinity
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormal(magnitude);
  const rebased = magnitude - 0x38000000;
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}

/** Below 2^-14: whole multiples of 2^-24. Adding 0.5 as a float lines those up with the last fraction bit. */
function subnormal(magnitude: number): number {
  bits[0] = magnitude;
  float[0] = float[0]! + 0.5;
  return bits[0]! - 0x3f000000;
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let fromHalf: Float32Array | undefined;

/** The number of each of the 65,536 halves: made when first asked for, for it takes longer than most commands may. */
function numbersOfHalves(): Float32Array {
  if (fromHalf === undefined) {
    fromHalf = new Float32Array(65_536);
    for (let half = 0; half < fromHalf.length; half++) fromHalf[half] = halfToNumber(half);
  }
  return fromHalf;
}

/** Float16 little endian, two bytes a number. */
export function encodeHalves(values: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const half = toHalf(values[i]!);
    bytes[2 * i] = half & 0xff;
    bytes[2 * i + 1] = half >>> 8;
  }
  return bytes;
}

export function decodeHalves(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length >>> 1);
  const numbers = numbersOfHalves();
  for (let i = 0; i < values.length; i++) {
    values[i] = numbers[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
  }
  return values;
}
