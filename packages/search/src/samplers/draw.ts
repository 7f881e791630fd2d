import { type RandomStream, randomStream } from '@atelier/data';
import { buildPoint, compileSpace } from '../space-activity.ts';
import { meets } from '../space-meets.ts';
import type { SearchSpace } from '../space.ts';
import type { Parameters } from '../trial.ts';

/** The next number in [0, 1) with all 53 bits of a double. */
export function uniform53(stream: RandomStream): number {
  return ((stream.uint32() >>> 5) * 67108864 + (stream.uint32() >>> 6)) / 9007199254740992;
}

/**
 * A point drawn uniformly (by the parameters' own scales) from those that meet the constraints, by rejection.
 * @param tries how often at most.
 * @returns undefined where none of `tries` points met them.
 */
export function drawPoint(
  space: SearchSpace,
  tries: number,
  seed: number,
  ...path: (string | number)[]
): Parameters | undefined {
  const ready = compileSpace(space);
  const stream = randomStream(seed, ...path);
  for (let i = 0; i < tries; i++) {
    const point = buildPoint(ready, (domain) => domain.fromUnit(uniform53(stream)));
    if (meets(space, point)) return point;
  }
  return undefined;
}
