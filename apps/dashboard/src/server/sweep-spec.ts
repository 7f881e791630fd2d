import { Objective, SearchSpace } from '@atelier/search';
import { z } from 'zod';
import type { SweepRow } from '../api/sweep.ts';
import type { StoredSweep, StoredTrial } from './sweep-source.ts';

/** What the page needs of a sweep's spec; whatever else it holds is the business of who wrote it. */
const ReadSpec = z.object({
  space: SearchSpace,
  objectives: z.array(Objective).min(1),
  sampler: z.object({ kind: z.string() }).optional(),
  pruner: z.object({ kind: z.string() }).optional(),
  trials: z.number().nullish(),
  seeds: z.array(z.number()).optional(),
});
export type ReadSpec = z.output<typeof ReadSpec>;

/** A sweep whose spec this version does not understand. */
export class SweepSpecError extends Error {
  readonly code = 'SWEEP_SPEC';

  constructor(name: string, reason: string) {
    super(`the specification of sweep "${name}" cannot be read: ${reason}`);
    this.name = 'SweepSpecError';
  }
}

/** @throws SweepSpecError for a spec without a space or objectives. */
export function specOf({ name, spec }: StoredSweep): ReadSpec {
  const parsed = ReadSpec.safeParse(spec);
  if (!parsed.success) throw new SweepSpecError(name, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

function countStates(trials: readonly StoredTrial[]): SweepRow['counts'] {
  const counts = { QUEUED: 0, RUNNING: 0, COMPLETE: 0, PRUNED: 0, FAILED: 0 };
  for (const { state } of trials) counts[state] += 1;
  return counts;
}

function bestOf(trials: readonly StoredTrial[], { direction }: Objective): StoredTrial | undefined {
  let best: StoredTrial | undefined;
  for (const trial of trials) {
    const value = trial.values[0];
    if (trial.state !== 'COMPLETE' || value === undefined || !Number.isFinite(value)) continue;
    const record = best?.values[0];
    if (record === undefined || (direction === 'maximize' ? value > record : value < record)) best = trial;
  }
  return best;
}

/** A line of the list. A spec that cannot be read still has a name and its trials. */
export function sweepRow(sweep: StoredSweep, trials: readonly StoredTrial[]): SweepRow {
  const parsed = ReadSpec.safeParse(sweep.spec);
  const spec = parsed.success ? parsed.data : undefined;
  const best = spec && bestOf(trials, spec.objectives[0]!);
  return {
    id: sweep.id,
    name: sweep.name,
    project: sweep.project,
    status: sweep.status,
    createdAt: sweep.createdAt,
    sampler: spec?.sampler?.kind ?? null,
    pruner: spec?.pruner?.kind ?? null,
    objectives: spec?.objectives ?? [],
    counts: countStates(trials),
    planned: spec?.trials ?? (spec?.sampler?.kind === 'grid' ? trials.length : null),
    best: best ? { number: best.number, values: [...best.values] } : null,
  };
}
