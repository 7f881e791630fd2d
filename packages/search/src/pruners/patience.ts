import type { Objective } from '../trial.ts';
import { bestOf, isBetter, keep, prune, type Pruner, shown } from './pruner.ts';
import type { PatienceSettings } from './spec.ts';

/**
 * Asks another pruner only once the last `patience + 1` reports hold nothing better than before them (less `minDelta`);
 * without another one, prunes then. Borders as Optuna's PatientPruner.
 */
export function patiencePruner(
  { patience, minDelta }: PatienceSettings,
  objective: Objective,
  wrapped?: Pruner,
): Pruner {
  return {
    judge(history, trial, answers) {
      const values = trial.reports.map((report) => report.value);
      if (values.length <= patience + 1) return keep(`${values.length} reports, patience is ${patience}`);
      const before = bestOf(values.slice(0, -patience - 1), objective);
      const since = bestOf(values.slice(-patience - 1), objective);
      const bar = objective.direction === 'maximize' ? before - minDelta : before + minDelta;
      const words = `best ${shown(since)} in the last ${patience + 1} reports, ${shown(before)} before`;
      if (!isBetter(bar, since, objective)) return keep(words);
      return wrapped ? wrapped.judge(history, trial, answers) : prune(words);
    },
  };
}
