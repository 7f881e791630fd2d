import { SamplerError } from '../errors.ts';
import type { Parameters } from '../trial.ts';
import { drawPoint } from './draw.ts';
import type { Sampler, SamplerTask } from './sampler.ts';

const TRIES = 10_000;

/** The random point of trial `number`. `kind` names the sampler that asks, for its own stream. @throws SamplerError */
export function randomPoint({ space, seed }: SamplerTask, kind: string, number: number): Parameters {
  const point = drawPoint(space, TRIES, seed, kind, number);
  if (point === undefined) {
    throw new SamplerError(
      kind,
      `none of ${TRIES} random points meets the constraints: ${space.constraints.join('; ')}`,
    );
  }
  return point;
}

export function randomSampler(task: SamplerTask): Sampler {
  return { suggest: (_history, number) => randomPoint(task, 'random', number) };
}
