import type { Candidate } from '../src/sweep/candidates.ts';
import type { SweepEvent } from '../src/sweep/events.ts';
import { trialKey } from '../src/sweep/identity.ts';
import { sweep, type SweepOptions } from '../src/sweep/scheduler.ts';
import { SweepSpec } from '../src/sweep/spec.ts';
import { toJsonRecord, type TrialPlan } from '../src/sweep/store.ts';
import type { TrialRunner } from '../src/sweep/attempt.ts';
import { fakeWorkers, type MemoryStore } from './sweep-doubles.ts';

export const x = { kind: 'int', low: 0, high: 5 } as const;
export const y = { kind: 'choice', values: ['a', 'b'] } as const;

export function specOf(change: Record<string, unknown> = {}): SweepSpec {
  return SweepSpec.parse({
    name: 'test',
    project: 'test',
    task: { kind: 'function', module: '/nowhere.ts' },
    space: { parameters: { x, y } },
    sampler: { kind: 'grid' },
    objectives: [{ metric: 'value', direction: 'minimize' }],
    pruner: { kind: 'none' },
    workers: 3,
    ...change,
  });
}

export function plan({ parameters, seed }: Candidate): TrialPlan {
  const config = toJsonRecord({ parameters, seed });
  return { key: trialKey({ config, datasetDigest: undefined, codeVersion: 'v' }), parameters, config, seed };
}

export interface Sitting {
  readonly store: MemoryStore;
  readonly spec?: SweepSpec;
  readonly run: TrialRunner;
  readonly options?: Partial<SweepOptions>;
  /** Called with every event as it comes. */
  readonly on?: (event: SweepEvent, workers: ReturnType<typeof fakeWorkers>) => void;
}

export async function sit({ store, spec = specOf(), run, options, on }: Sitting): Promise<SweepEvent[]> {
  const workers = fakeWorkers(store, run, {
    objectives: spec.objectives.length,
    asksPruner: spec.pruner.kind !== 'none',
  });
  const all: SweepEvent[] = [];
  for await (const event of sweep({
    id: 1,
    spec,
    store,
    owner: 'me',
    startWorker: workers.start,
    plan,
    ...options,
  })) {
    all.push(event);
    on?.(event, workers);
  }
  return all;
}

export const value: TrialRunner = async ({ parameters }) => [Number(parameters['x'])];
export const of = <Type extends SweepEvent['type']>(events: SweepEvent[], type: Type) =>
  events.filter((event): event is Extract<SweepEvent, { type: Type }> => event.type === type);
export const last = (events: SweepEvent[]) => of(events, 'finished').at(-1)!;
