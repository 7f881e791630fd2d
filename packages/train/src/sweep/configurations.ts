import { canonicalJson } from '@atelier/base';
import type { Report, Trial, TrialState } from '@atelier/search';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function stateOf(trials: readonly Trial[]): TrialState {
  const has = (state: TrialState): boolean => trials.some((trial) => trial.state === state);
  if (has('RUNNING') || has('QUEUED')) return 'RUNNING';
  if (has('PRUNED')) return 'PRUNED';
  return has('COMPLETE') ? 'COMPLETE' : 'FAILED';
}

/** Means over the trials that reported at a step. */
function meanReports(trials: readonly Trial[]): Report[] {
  const byStep = new Map<number, number[]>();
  for (const { step, value } of trials.flatMap(({ reports }) => reports))
    byStep.set(step, [...(byStep.get(step) ?? []), value]);
  return [...byStep].sort(([a], [b]) => a - b).map(([step, values]) => ({ step, value: mean(values) }));
}

function merge(trials: readonly Trial[], number: number): Trial {
  const state = stateOf(trials);
  const complete = trials.filter((trial) => trial.state === 'COMPLETE');
  const values =
    state === 'COMPLETE'
      ? complete[0]!.values.map((_, objective) => mean(complete.map(({ values }) => values[objective]!)))
      : [];
  const { parameters, startedAt } = trials[0]!;
  return { number, state, parameters, values, reports: meanReports(trials), startedAt };
}

/**
 * Trials as samplers see them: one per configuration, with the means over its seeds. A configuration runs while any of
 * its trials does; it is pruned where one of them was.
 */
export function configurations(trials: readonly Trial[], seeds: number): readonly Trial[] {
  if (seeds === 1) return trials;
  const groups = new Map<string, Trial[]>();
  for (const trial of trials) {
    const key = canonicalJson(trial.parameters);
    const group = groups.get(key);
    if (group) group.push(trial);
    else groups.set(key, [trial]);
  }
  return [...groups.values()].map((group, number) => merge(group, number));
}
