import { SamplerError } from '../errors.ts';
import { cmaEsSampler } from './cma-es.ts';
import { gridSampler } from './grid-sampler.ts';
import { haltonSampler } from './halton.ts';
import { randomSampler } from './random.ts';
import type { Sampler, SamplerSpec, SamplerTask } from './sampler.ts';
import { sobolSampler } from './sobol.ts';
import { tpeSampler } from './tpe.ts';

/** Samplers that learn from results, and so need to know which way is better. */
const LEARNS = new Set<SamplerSpec['kind']>(['tpe', 'cma-es']);

/**
 * The sampler of a sweep. Give it a space that {@link checkSpace} has passed.
 * @throws SamplerError where the sampler cannot work on this space or these objectives.
 */
export function createSampler(spec: SamplerSpec, task: SamplerTask): Sampler {
  if (LEARNS.has(spec.kind) && task.objectives.length === 0) {
    throw new SamplerError(spec.kind, 'it learns from results, but there is no objective');
  }
  switch (spec.kind) {
    case 'grid':
      return gridSampler(task);
    case 'random':
      return randomSampler(task);
    case 'sobol':
      return sobolSampler(spec.scramble, task);
    case 'halton':
      return haltonSampler(spec.scramble, task);
    case 'tpe':
      return tpeSampler(spec, task);
    case 'cma-es':
      return cmaEsSampler(spec, task);
  }
}
