import type { Facts } from './facts.ts';
import type { RunComparison } from './comparison.ts';

/** A difference with its interval, and how probable one as large is by chance. */
export interface Delta {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Undefined where no test was made. */
  readonly p: number | undefined;
}

/** Reads an interval out of facts; undefined where it is not there. */
export function deltaAt(facts: Facts, ...path: readonly string[]): Delta | undefined {
  let at: number | Facts | undefined = facts;
  for (const name of path) at = typeof at === 'object' ? at[name] : undefined;
  if (typeof at !== 'object') return undefined;
  const { value, low, high, p } = at as Readonly<Record<string, number | undefined>>;
  return value === undefined ? undefined : { value, low: low!, high: high!, p };
}

/** Percentage points with two decimals. */
export function points(share: number): string {
  return (100 * share).toFixed(2);
}

/** `0.0042`, `< 0.0001`. */
export function formatP(p: number | undefined): string {
  if (p === undefined) return '';
  return p < 0.0001 ? '< 0.0001' : p.toPrecision(2);
}

function pClause(p: number | undefined): string {
  const text = formatP(p);
  return text.startsWith('<') ? `p ${text}` : `p = ${text}`;
}

/** Classes whose recall differs by more than the bar allows to be chance, Holm's way over the classes; the largest first. */
export function clearClasses({ factsB, dataset, bar }: RunComparison): { name: string; delta: Delta }[] {
  const tested = dataset.classNames
    .map((name) => ({ name, delta: deltaAt(factsB, 'class', name, 'delta', 'recall')! }))
    .sort((x, y) => x.delta.p! - y.delta.p!);
  const stop = tested.findIndex(({ delta }, rank) => delta.p! >= bar / (tested.length - rank));
  const clear = stop < 0 ? tested : tested.slice(0, stop);
  return clear.sort((x, y) => Math.abs(y.delta.value) - Math.abs(x.delta.value));
}

/** What a comparison says, in plain sentences. */
export function verdictOf(comparison: RunComparison): string[] {
  const { factsB, table, use, bar, split } = comparison;
  const delta = deltaAt(factsB, 'delta', 'accuracy')!;
  const range = `[${points(delta.low)}, ${points(delta.high)}]`;
  const classes = clearClasses(comparison).map(
    ({ name, delta: of }) =>
      `on ${name} it is ${of.value > 0 ? 'better' : 'worse'} by ${points(Math.abs(of.value))}`,
  );
  const shown = delta.p! < bar;
  const head = shown
    ? `B is ${delta.value > 0 ? 'better' : 'worse'} by ${points(Math.abs(delta.value))} points ${range}, ${pClause(delta.p)}`
    : `No difference can be shown: B - A is ${points(delta.value)} points ${range}, ${pClause(delta.p)}`;
  const decided = `They disagree on who is right for ${table.onlyA + table.onlyB} samples: ${table.onlyA} only A gets right, ${table.onlyB} only B.`;
  const budget =
    use === undefined || use.uses < 2
      ? []
      : [
          `The ${split} split has been used for ${use.uses} different judgements (${use.looks} looks): a difference counts as shown below p = ${Number(bar.toPrecision(2))}, not ${Number((bar * use.uses).toPrecision(2))}.`,
        ];
  return [`${[head, ...classes].join('; ')}.`, decided, ...budget];
}
