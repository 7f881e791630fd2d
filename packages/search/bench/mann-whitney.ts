import { lowerTail } from '../src/samplers/normal.ts';

/**
 * One-sided Mann-Whitney test: the chance of values of `a` so much above those of `b` where both come from one distribution. Normal
 * approximation with the correction for ties and continuity (as SciPy's mannwhitneyu(alternative='greater', method='asymptotic')).
 */
export function greaterP(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, own: true })), ...b.map((value) => ({ value, own: false }))];
  all.sort((x, y) => x.value - y.value);
  let [rankSum, ties] = [0, 0];
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    const size = to - from;
    ties += size ** 3 - size;
    for (let i = from; i < to; i++) if (all[i]!.own) rankSum += (from + 1 + to) / 2;
    from = to;
  }
  const [m, n, total] = [a.length, b.length, all.length];
  const u = rankSum - (m * (m + 1)) / 2;
  const spread = Math.sqrt(((m * n) / 12) * (total + 1 - ties / (total * (total - 1))));
  if (spread === 0) return 1;
  return lowerTail(-(u - (m * n) / 2 - 0.5) / spread);
}
