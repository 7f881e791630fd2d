import { SamplerError } from '../errors.ts';
import { buildPoint, compileSpace } from '../space-activity.ts';
import { meets } from '../space-meets.ts';
import type { Sampler, SamplerTask } from './sampler.ts';

// so many points in a row without one that meets the constraints end the search for one
const PATIENCE = 100_000;

/**
 * A sampler that walks a sequence of points in the unit cube, one dimension per parameter in canonical order (inactive ones
 * included). Points that miss the constraints are skipped: trial k gets the k-th that meets them, counted from 0.
 */
export function sequenceSampler(
  kind: string,
  task: SamplerTask,
  coordinate: (index: number, dimension: number) => number,
): Sampler {
  const space = compileSpace(task.space);
  const free = task.space.constraints.length === 0;
  const at = (index: number) => buildPoint(space, (domain, k) => domain.fromUnit(coordinate(index, k)));
  const accepted: number[] = [];
  let next = 0;
  const acceptedIndex = (number: number): number => {
    for (let missed = 0; accepted.length <= number; next++) {
      if (meets(task.space, at(next))) {
        accepted.push(next);
        missed = 0;
      } else if (++missed === PATIENCE) {
        throw new SamplerError(
          kind,
          `none of ${PATIENCE} points in a row meets: ${task.space.constraints.join('; ')}`,
        );
      }
    }
    return accepted[number]!;
  };
  return { suggest: (_history, number) => at(free ? number : acceptedIndex(number)) };
}
