import { canonicalJson } from '@atelier/base';
import { type CompiledSpace, compileSpace } from './space-activity.ts';
import { SpaceError, didYouMean } from './errors.ts';
import { endless, gridSize } from './grid.ts';
import { compileConstraints } from './space-meets.ts';
import type { ParameterSpec, SearchSpace } from './space.ts';
import { drawPoint } from './samplers/draw.ts';

/**
 * Refuses a space that no sampler could work on: no parameters, an empty or contradictory range, a logarithm through zero, a parameter
 * inside another, a condition on an unknown parameter, on a value that the parent never has, or in a circle, a constraint that cannot be
 * read or that no point meets (all points tried where they are few, else 10,000 at random).
 * @throws SpaceError | ConstraintError, both with code SPACE_INVALID
 */
export function checkSpace(space: SearchSpace): void {
  const entries = Object.entries(space.parameters);
  if (entries.length === 0) throw new SpaceError('the space has no parameters: there is nothing to search');
  for (const [path, spec] of entries) checkRange(path, spec);
  checkNesting(entries.map(([path]) => path));
  checkConditions(compileSpace(space));
  compileConstraints(space);
  if (space.constraints.length > 0) checkMet(space);
}

function checkRange(path: string, spec: ParameterSpec): void {
  if (spec.kind === 'choice') return;
  const { low, high, log } = spec;
  const fail = (problem: string): never => {
    throw new SpaceError(`"${path}": ${problem}`, path);
  };
  if (low > high) fail(`the range ${low}..${high} is empty: its low end is above its high end`);
  if (log && low <= 0) {
    fail(
      `a logarithmic range runs above zero, but ${low}..${high} ${high >= 0 ? 'reaches through zero' : 'is below it'}`,
    );
  }
  if (log && spec.kind === 'int' && spec.step !== 1) fail('a logarithmic range of ints takes no step');
  if (log && spec.kind === 'float' && spec.step !== undefined) fail('a logarithmic range takes no step');
  if (!Number.isFinite(high - low)) fail(`the range ${low}..${high} is wider than a number can hold`);
}

function checkNesting(paths: readonly string[]): void {
  for (const path of paths) {
    const outer = paths.find((other) => path.startsWith(`${other}.`));
    if (outer !== undefined) {
      throw new SpaceError(`"${path}" lies inside "${outer}": one of them would overwrite the other`, path);
    }
  }
}

function checkConditions(space: CompiledSpace): void {
  for (const [path, conditions] of space.conditions) {
    for (const { parent, values } of conditions) {
      const domain = space.byPath.get(parent)!;
      const possible = [...values].some((text) => domain.indexOf(JSON.parse(text)) >= 0);
      if (possible) continue;
      const wanted = [...values].at(-1) ?? '[]';
      const known = domain.spec.kind === 'choice' ? domain.spec.values.map(canonicalJson) : [];
      const has = known.length > 0 ? ` Its values: ${known.join(', ')}.` : '';
      throw new SpaceError(
        `"${path}" asks for ${parent} = ${wanted}, which it never is.${didYouMean(wanted, known)}${has}`,
        path,
      );
    }
  }
}

const TRIED = 10_000;

function checkMet(space: SearchSpace): void {
  const ready = compileSpace(space);
  const few = endless(ready) === undefined && ready.domains.reduce((n, d) => n * d.count, 1) <= TRIED * 10;
  const met = few ? gridSize(space)! > 0 : drawPoint(space, TRIED, 0, 'check') !== undefined;
  if (met) return;
  const one = space.constraints.length === 1;
  const tried = few ? 'no point of the space' : `none of ${TRIED} random points`;
  throw new SpaceError(
    `${tried} meets ${one ? 'the constraint' : 'all constraints'}: ${space.constraints.join('; ')}`,
    space.constraints[0],
  );
}
