import { type CompiledSpace, activeIn, compileSpace } from './space-activity.ts';
import type { Domain } from './space-domain.ts';
import { compileConstraints, meets } from './space-meets.ts';
import type { SearchSpace } from './space.ts';
import type { Parameters, ParameterValue } from './trial.ts';

// constraints are counted point by point up to here; an upper bound stands for more
const COUNTED = 1_000_000;

/**
 * The number of cells of the grid, without building it: inactive parameters left out, equal points once, constraints respected.
 * Only parameters that a condition or constraint names are gone through; the others multiply. Where those alone have more than a
 * million combinations, constraints are not counted off and the number is an upper bound.
 * @returns undefined where a float without step makes the grid endless.
 */
export function gridSize(space: SearchSpace): number | undefined {
  const ready = compileSpace(space);
  if (endless(ready) !== undefined) return undefined;
  const named = involved(space, ready, true);
  if (combinations(ready, named) <= COUNTED) return count(space, ready, named, true);
  return count(space, ready, involved(space, ready, false), false);
}

/** The first parameter without a countable set of values. */
export function endless(space: CompiledSpace): Domain | undefined {
  return space.domains.find((d) => d.count === Infinity);
}

/** Parameters that decide on others: parents of conditions and, if asked, all that constraints name, with their own parents. */
function involved(space: SearchSpace, ready: CompiledSpace, constraints: boolean): Set<string> {
  const named = new Set<string>();
  const add = (path: string): void => {
    named.add(path);
    for (const { parent } of ready.conditions.get(path)!) add(parent);
  };
  for (const list of ready.conditions.values()) for (const { parent } of list) add(parent);
  if (constraints) for (const { paths } of compileConstraints(space)) paths.forEach(add);
  return named;
}

function combinations(space: CompiledSpace, named: ReadonlySet<string>): number {
  return space.domains.reduce((product, d) => (named.has(d.path) ? product * d.count : product), 1);
}

function count(
  space: SearchSpace,
  ready: CompiledSpace,
  named: ReadonlySet<string>,
  constrained: boolean,
): number {
  const inner = ready.domains.filter((d) => named.has(d.path));
  const outer = ready.domains.filter((d) => !named.has(d.path));
  let total = 0;
  for (const point of points(ready, inner, 0, {})) {
    if (constrained && !meets(space, point)) continue;
    total += outer.reduce((product, d) => (activeIn(ready, d.path, point) ? product * d.count : product), 1);
  }
  return total;
}

/**
 * The cells in canonical order: parameters by path (a parent before its dependants), the last turning fastest, values in their own
 * order. Lazy: a cell is built when it is asked for.
 * @throws RangeError for an endless space; ask gridSize first.
 */
export function* grid(space: SearchSpace): Generator<Parameters, void, undefined> {
  const ready = compileSpace(space);
  const open = endless(ready);
  if (open !== undefined)
    throw new RangeError(`"${open.path}" has no end of values: give it a step, or list values`);
  for (const point of points(ready, ready.domains, 0, {})) if (meets(space, point)) yield point;
}

function* points(
  space: CompiledSpace,
  domains: readonly Domain[],
  depth: number,
  point: Readonly<Record<string, ParameterValue>>,
): Generator<Parameters, void, undefined> {
  const d = domains[depth];
  if (d === undefined) {
    yield point;
  } else if (!activeIn(space, d.path, point)) {
    yield* points(space, domains, depth + 1, point);
  } else {
    for (let i = 0; i < d.count; i++) {
      yield* points(space, domains, depth + 1, { ...point, [d.path]: d.at(i) });
    }
  }
}
