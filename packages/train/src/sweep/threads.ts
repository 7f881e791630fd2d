import { availableParallelism } from 'node:os';
import type { SweepSpec } from './spec.ts';

/** Engine threads of each worker: the cores shared out, where the sweep does not say. */
export function threadsOf({ threads, workers }: Pick<SweepSpec, 'threads' | 'workers'>): number {
  return threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
}
