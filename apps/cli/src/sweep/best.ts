import { bestTrials, type Objective } from '@atelier/search';
import type { SweepTrial } from '@atelier/tracker';
import { formatTable } from '../terminal/table.ts';
import { formatParameters, formatValue } from './text.ts';

/** A finished trial in short. */
export interface BestTrial {
  readonly number: number;
  readonly values: readonly number[];
  readonly parameters: SweepTrial['parameters'];
  readonly seed: number;
  readonly runId: number | undefined;
}

/** Complete trials, the best first; with several objectives the Pareto front. */
export function bestOf(
  trials: readonly SweepTrial[],
  objectives: readonly Objective[],
  count = 10,
): BestTrial[] {
  return bestTrials(trials, objectives, count).map(({ number }) => {
    const { values, parameters, seed, runId } = trials.find((trial) => trial.number === number)!;
    return { number, values, parameters, seed, runId };
  });
}

/** A table of trials. */
export function bestLines(trials: readonly BestTrial[], objectives: readonly Objective[]): string {
  const columns = [
    { title: 'trial', align: 'right' },
    ...objectives.map(({ metric }) => ({ title: metric, align: 'right' }) as const),
    { title: 'seed', align: 'right' },
    { title: 'run', align: 'right' },
    { title: 'parameters' },
  ] as const;
  const rows = trials.map(({ number, values, parameters, seed, runId }) => [
    String(number),
    ...objectives.map((_, i) => formatValue(values[i])),
    String(seed),
    runId === undefined ? '' : String(runId),
    formatParameters(parameters),
  ]);
  return formatTable([...columns], rows);
}

/** How the winner becomes a version of a model, and the champion if a gate lets it pass. */
export function promotionLines({ runId, number }: BestTrial, name: string): string[] {
  if (runId === undefined) return [];
  return [
    `\ntrial ${number} as a model of the registry, and its champion if the gate lets it pass:`,
    `  npx atelier registry register <model> --run=${runId} --notes="trial ${number} of ${name}"`,
    '  npx atelier registry promote <model> <version> --alias=champion --gate=gates/champion.yaml',
  ];
}
