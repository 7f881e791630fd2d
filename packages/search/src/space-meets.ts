import { checkConstraint } from './constraint-check.ts';
import { evaluate } from './constraint-evaluate.ts';
import { type Expression, parseConstraint } from './constraint.ts';
import { compileSpace } from './space-activity.ts';
import type { SearchSpace } from './space.ts';
import type { Parameters } from './trial.ts';

/** A constraint read and checked. */
export interface CompiledConstraint {
  readonly text: string;
  readonly tree: Expression;
  /** The parameters it names. */
  readonly paths: ReadonlySet<string>;
}

const compiled = new WeakMap<SearchSpace, readonly CompiledConstraint[]>();

/** @throws ConstraintError for one that cannot be read or does not fit the parameters. */
export function compileConstraints(space: SearchSpace): readonly CompiledConstraint[] {
  let ready = compiled.get(space);
  if (ready === undefined) {
    const { byPath } = compileSpace(space);
    ready = space.constraints.map((text) => {
      const tree = parseConstraint(text);
      return { text, tree, paths: checkConstraint(text, tree, byPath) };
    });
    compiled.set(space, ready);
  }
  return ready;
}

/**
 * Whether a point meets every constraint of the space. A constraint that hangs on an inactive parameter (or one not given) is met.
 * @throws ConstraintError
 */
export function meets(space: SearchSpace, parameters: Parameters): boolean {
  return compileConstraints(space).every(({ tree }) => evaluate(tree, parameters) !== false);
}
