import { DROPOUT_LEVELS } from './kernels.ts';

/** `word(j)` of `SeededDropout` in kernels.ts. */
function word(j: number, k0: number, k1: number): number {
  let h = j ^ k0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = (h ^ (h >>> 16)) + k1;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** y = kept ? x / (1 - rate) : 0, element by element, with the mask of `SeededDropout` in kernels.ts; y may be x. */
export function dropInto(y: Float32Array, x: Float32Array, key: Int32Array, rate: number): void {
  const [k0, k1] = [key[0]!, key[1]!];
  const dropped = Math.round(rate * DROPOUT_LEVELS);
  const scale = Math.fround(1 / (1 - rate));
  const even = x.length & ~1;
  for (let i = 0; i < even; i += 2) {
    const bits = word(i >>> 1, k0, k1);
    y[i] = (bits & 0xffff) < dropped ? 0 : x[i]! * scale;
    y[i + 1] = bits >>> 16 < dropped ? 0 : x[i + 1]! * scale;
  }
  if (even < x.length) y[even] = (word(even >>> 1, k0, k1) & 0xffff) < dropped ? 0 : x[even]! * scale;
}
