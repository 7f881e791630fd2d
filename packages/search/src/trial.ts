import { TRIAL_STATES } from '@atelier/base';
import { z } from 'zod';

/** What a parameter may be set to: any JSON, since a setting may be a list or null. */
export type ParameterValue = z.core.util.JSONType;

/** One point of a search space: a value for every active parameter, by its dotted path. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** What is looked for: a metric, and which way is better. */
export const Objective = z.strictObject({
  metric: z.string().min(1),
  direction: z.enum(['maximize', 'minimize']),
});
export type Objective = z.output<typeof Objective>;

export const TrialState = z.enum(TRIAL_STATES);
export type TrialState = z.output<typeof TrialState>;

/** A value of the first objective's metric on the way, as pruners see it. `step` rises. */
export interface Report {
  readonly step: number;
  readonly value: number;
}

/** All that samplers, pruners and analyses know of a trial. */
export interface Trial {
  /** Position in the sweep, from 0. */
  readonly number: number;
  readonly state: TrialState;
  readonly parameters: Parameters;
  /** One per objective, in their order; empty unless COMPLETE. */
  readonly values: readonly number[];
  readonly reports: readonly Report[];
  /** Epoch milliseconds. */
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
}
