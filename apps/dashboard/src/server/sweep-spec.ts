import { Objective, SearchSpace } from '@atelier/search';
import type { Sweep, SweepTrial } from '@atelier/tracker';
import { z } from 'zod';
import type { SweepRow } from '../api/sweep.ts';

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
export function specOf({ name, spec }: Sweep): ReadSpec {
  const parsed = ReadSpec.safeParse(spec);
  if (!parsed.success) throw new SweepSpecError(name, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

/** The best completed trial by the first objective; null for none, or a spec without objectives. */
export function bestTrial({ spec }: Sweep, trials: readonly SweepTrial[]): SweepRow['best'] {
  const parsed = ReadSpec.safeParse(spec);
  const best = parsed.success ? bestOf(trials, parsed.data.objectives[0]!) : undefined;
  return best ? { number: best.number, values: best.values.map(finite) } : null;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function bestOf(trials: readonly SweepTrial[], { direction }: Objective): SweepTrial | undefined {
  let best: SweepTrial | undefined;
  for (const trial of trials) {
    const value = trial.values[0];
    if (trial.state !== 'COMPLETE' || value === undefined || !Number.isFinite(value)) continue;
    const record = best?.values[0];
    if (record === undefined || (direction === 'maximize' ? value > record : value < record)) best = trial;
  }
  return best;
}

const trialsOf = ({ counts }: Sweep): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** A line of the list. A spec that cannot be read still has a name and its trials. */
export function sweepRow(sweep: Sweep, best: SweepRow['best']): SweepRow {
  const parsed = ReadSpec.safeParse(sweep.spec);
  const spec = parsed.success ? parsed.data : undefined;
  const isGrid = spec?.sampler?.kind === 'grid';
  return {
    id: sweep.id,
    name: sweep.name,
    project: sweep.project,
    status: sweep.status,
    isLed: sweep.lead !== undefined,
    isStopping: sweep.stopRequested,
    createdAt: sweep.createdAt,
    sampler: spec?.sampler?.kind ?? null,
    pruner: spec?.pruner?.kind ?? null,
    objectives: spec?.objectives ?? [],
    counts: sweep.counts,
    planned: spec?.trials ?? (isGrid ? trialsOf(sweep) : null),
    best,
  };
}
