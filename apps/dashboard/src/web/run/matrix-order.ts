/**
 * Classes so that those taken for each other stand side by side: greedy from the most confused pair, each next class at
 * the end to which it is tied more closely. A matrix shows its blocks this way.
 * @param counts `[true][predicted]`
 */
export function orderByConfusion(counts: readonly (readonly number[])[]): number[] {
  const tie = (a: number, b: number): number => (counts[a]?.[b] ?? 0) + (counts[b]?.[a] ?? 0);
  const left = new Set(counts.keys());
  let best: [number, number] | undefined;
  for (const a of left) {
    for (const b of left) if (a < b && (best === undefined || tie(a, b) > tie(...best))) best = [a, b];
  }
  if (best === undefined) return [...left];
  const order = [...best];
  for (const one of best) left.delete(one);
  while (left.size > 0) {
    const [first, last] = [order[0]!, order.at(-1)!];
    let [next, most, atEnd] = [-1, -1, true];
    for (const one of left) {
      if (tie(last, one) > most) [next, most, atEnd] = [one, tie(last, one), true];
      if (tie(first, one) > most) [next, most, atEnd] = [one, tie(first, one), false];
    }
    if (atEnd) order.push(next);
    else order.unshift(next);
    left.delete(next);
  }
  return order;
}

/** The order that the address asks for. */
export function orderOf(sort: string, counts: readonly (readonly number[])[]): number[] {
  return sort === 'confusion' ? orderByConfusion(counts) : [...counts.keys()];
}
