import { canonicalJson } from '@atelier/base';
import { SpaceError, didYouMean } from './errors.ts';
import { type Domain, domain } from './space-domain.ts';
import type { SearchSpace } from './space.ts';
import type { Parameters } from './trial.ts';

/** The condition of one parameter on another: active where the parent's value is one of these (canonical texts). */
export interface Condition {
  readonly parent: string;
  readonly values: ReadonlySet<string>;
}

/** A space made ready: domains in canonical order, a parent before those that depend on it. */
export interface CompiledSpace {
  readonly domains: readonly Domain[];
  readonly byPath: ReadonlyMap<string, Domain>;
  readonly conditions: ReadonlyMap<string, readonly Condition[]>;
}

const compiled = new WeakMap<SearchSpace, CompiledSpace>();

/** @throws SpaceError for a condition on an unknown parameter or a circle of conditions. */
export function compileSpace(space: SearchSpace): CompiledSpace {
  let ready = compiled.get(space);
  if (ready === undefined) {
    ready = compile(space);
    compiled.set(space, ready);
  }
  return ready;
}

function compile(space: SearchSpace): CompiledSpace {
  const paths = Object.keys(space.parameters).sort();
  const conditions = new Map(paths.map((path) => [path, conditionsOf(space, path, paths)]));
  const domains = parentsFirst(paths, conditions).map((path) => domain(path, space.parameters[path]!));
  return { domains, byPath: new Map(domains.map((d) => [d.path, d])), conditions };
}

function conditionsOf(space: SearchSpace, path: string, paths: readonly string[]): Condition[] {
  return Object.entries(space.parameters[path]!.when ?? {}).map(([parent, wanted]) => {
    if (!paths.includes(parent)) {
      const hint = didYouMean(
        parent,
        paths.filter((p) => p !== path),
      );
      throw new SpaceError(
        `"${path}" depends on "${parent}", which is no parameter of the space.${hint}`,
        path,
      );
    }
    // a list is one of its members, or itself where the parent's values are lists
    const values = Array.isArray(wanted) ? [wanted, ...wanted] : [wanted];
    return { parent, values: new Set(values.map(canonicalJson)) };
  });
}

function parentsFirst(
  paths: readonly string[],
  conditions: ReadonlyMap<string, readonly Condition[]>,
): string[] {
  const order: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (order.includes(path)) return;
    if (trail.includes(path)) {
      const circle = [...trail.slice(trail.indexOf(path)), path].join(' -> ');
      throw new SpaceError(`conditions run in a circle: ${circle}`, path);
    }
    for (const { parent } of conditions.get(path)!) visit(parent, [...trail, path]);
    order.push(path);
  };
  for (const path of paths) visit(path, []);
  return order;
}

/**
 * Whether the parameter exists at this point: every parent that its `when` names is itself active and has (one of) the values named.
 * @throws SpaceError for a path that the space has not.
 */
export function isActive(space: SearchSpace, path: string, parameters: Parameters): boolean {
  const ready = compileSpace(space);
  if (!ready.byPath.has(path)) {
    throw new SpaceError(`no parameter "${path}".${didYouMean(path, [...ready.byPath.keys()])}`, path);
  }
  return activeIn(ready, path, parameters);
}

export function activeIn(space: CompiledSpace, path: string, parameters: Parameters): boolean {
  const conditions = space.conditions.get(path)!;
  for (const { parent, values } of conditions) {
    const value = parameters[parent];
    if (value === undefined || !values.has(canonicalJson(value))) return false;
    if (!activeIn(space, parent, parameters)) return false;
  }
  return true;
}

/** A point that leaves out inactive parameters: asks `choose` for the value of each active one, parents first. */
export function buildPoint(
  space: CompiledSpace,
  choose: (domain: Domain, index: number) => Parameters[string],
): Parameters {
  const point: Record<string, Parameters[string]> = {};
  space.domains.forEach((d, index) => {
    if (activeIn(space, d.path, point)) point[d.path] = choose(d, index);
  });
  return point;
}
