import type { Exactness } from './training-ops/figures.ts';

/** The nearest number of 8 binary digits, ties to even: bfloat16's, by arithmetic instead of bits. */
export function roundToBf16(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const size = Math.abs(value);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--;
  const unit = 2 ** (Math.max(exponent, -126) - 7);
  const below = Math.floor(size / unit);
  const rest = size / unit - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  const rounded = (below + (up ? 1 : 0)) * unit;
  return Math.sign(value) * (rounded < 2 ** 128 ? rounded : Infinity);
}

/** Half of the last of 8 binary digits, as a share of the number. */
export const HALF_UNIT = 2 ** -8;

/** What is kept in bf16 is off by its rounding; sums and what is fp32 by no more than in fp32. */
export const BF16: Exactness = {
  value: HALF_UNIT + 2e-5,
  gradient: HALF_UNIT + 1e-4,
  exact: 2e-5,
  round: roundToBf16,
};
