import { MetricsInputError } from './errors.ts';

function checkedOrder(pValues: readonly number[]): number[] {
  pValues.forEach((p, index) => {
    if (!(p >= 0 && p <= 1))
      throw new MetricsInputError(`p-value ${p} at position ${index} is outside [0, 1]`);
  });
  return pValues.map((_, index) => index).sort((left, right) => pValues[left]! - pValues[right]!);
}

/**
 * p-values adjusted by Benjamini and Hochberg (1995), in the order given: reporting those at or below q keeps the
 * expected share of false findings at or below q (for independent or positively dependent tests).
 * @throws MetricsInputError for a value outside [0, 1].
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = checkedOrder(pValues);
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  for (let rank = order.length; rank >= 1; rank--) {
    const index = order[rank - 1]!;
    least = Math.min(least, (pValues[index]! * order.length) / rank);
    adjusted[index] = least;
  }
  return adjusted;
}

/**
 * p-values adjusted by Holm (1979), in the order given: reporting those at or below alpha keeps the probability of
 * even one false finding at or below alpha, whatever the dependence.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = checkedOrder(pValues);
  const adjusted = new Array<number>(pValues.length);
  let most = 0;
  order.forEach((index, rank) => {
    most = Math.max(most, Math.min(1, pValues[index]! * (order.length - rank)));
    adjusted[index] = most;
  });
  return adjusted;
}

/** p-values times their number, at most 1. */
export function bonferroni(pValues: readonly number[]): number[] {
  checkedOrder(pValues);
  return pValues.map((p) => Math.min(1, p * pValues.length));
}
