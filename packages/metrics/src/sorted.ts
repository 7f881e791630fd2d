const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Below this many numbers the counts cost more than comparing. */
const FEW = 512;

/** The bits of a number that is not negative rise with it. */
function radixSort(bits: Uint32Array): Uint32Array {
  let [from, to]: [Uint32Array, Uint32Array] = [bits, new Uint32Array(bits.length)];
  const starts = new Uint32Array(DIGITS);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let i = 0; i < from.length; i++) starts[(from[i]! >>> shift) & (DIGITS - 1)]!++;
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = starts[digit]!;
      starts[digit] = start;
      start += count;
    }
    for (let i = 0; i < from.length; i++) to[starts[(from[i]! >>> shift) & (DIGITS - 1)]!++] = from[i]!;
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Ascending, possibly in place: single precision without negative numbers, as probabilities come, by radix, which is
 * about ten times as fast as comparing 100,000 of them. No NaN.
 */
export function sorted<Numbers extends Float32Array | Float64Array>(values: Numbers): Numbers {
  if (!(values instanceof Float32Array) || values.length < FEW) return values.sort() as Numbers;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < 0) return values.sort() as Numbers;
    // a negative zero has the bits of a large number
    values[i]! += 0;
  }
  const bits = radixSort(new Uint32Array(values.buffer, values.byteOffset, values.length));
  return new Float32Array(bits.buffer, bits.byteOffset, bits.length) as Numbers;
}
