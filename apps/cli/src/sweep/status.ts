import type { Sweep, SweepTrial } from '@atelier/tracker';
import { SweepSpec } from '@atelier/train';
import type { Command } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { bestOf } from './best.ts';
import { formatParameters, formatSeconds, formatValue, formatValues } from './text.ts';
import { findSweep, print, sweepVerb, withSweeps } from './verb.ts';

function countsOf(trials: readonly SweepTrial[]): Record<string, number> {
  const counts: Record<string, number> = { QUEUED: 0, RUNNING: 0, COMPLETE: 0, PRUNED: 0, FAILED: 0 };
  for (const { state } of trials) counts[state]!++;
  return counts;
}

function runningTable(trials: readonly SweepTrial[], metric: string): string {
  const columns = [
    { title: 'trial', align: 'right' },
    { title: 'run', align: 'right' },
    { title: 'step', align: 'right' },
    { title: metric, align: 'right' },
    { title: 'since', align: 'right' },
    { title: 'parameters' },
  ] as const;
  const rows = trials.map(({ number, runId, reports, startedAt, parameters }) => [
    String(number),
    runId === undefined ? '' : String(runId),
    String(reports.at(-1)?.step ?? ''),
    formatValue(reports.at(-1)?.value),
    startedAt === undefined ? '' : formatSeconds((Date.now() - startedAt) / 1000),
    formatParameters(parameters),
  ]);
  return formatTable([...columns], rows);
}

function textOf(sweep: Sweep, spec: SweepSpec, trials: readonly SweepTrial[]): string {
  const counts = Object.entries(countsOf(trials)).map(([state, n]) => `${n} ${state.toLowerCase()}`);
  const running = trials.filter(({ state }) => state === 'RUNNING');
  const failed = trials.filter(({ state }) => state === 'FAILED');
  const [best] = bestOf(trials, spec.objectives);
  return [
    `sweep ${sweep.id} (${sweep.name}) ${sweep.status}: ${counts.join(', ')}`,
    ...(best
      ? [
          `best: trial ${best.number}, ${formatValues(spec.objectives, best.values)}, ${formatParameters(best.parameters)}`,
        ]
      : []),
    ...(running.length > 0 ? ['', runningTable(running, spec.objectives[0]!.metric)] : []),
    ...failed
      .slice(0, 5)
      .map(({ number, error }) => `trial ${number} failed: ${error?.code} ${error?.message}`),
  ].join('\n');
}

function status(typed: string, { json }: { readonly json?: boolean }): void {
  withSweeps((sweeps) => {
    const sweep = findSweep(sweeps, typed);
    const spec = SweepSpec.parse(sweep.spec);
    const trials = sweeps.trials(sweep.id, { reports: true });
    const best = bestOf(trials, spec.objectives)[0] ?? null;
    const running = trials.filter(({ state }) => state === 'RUNNING');
    print(json, { ...sweep, counts: countsOf(trials), best, running }, textOf(sweep, spec, trials));
  });
}

/** `sweep status`: how a sweep stands, from anywhere. */
export function statusCommand(): Command {
  return sweepVerb('status', 'How a sweep stands: counts, the best so far, what runs.', [
    'status seed-cnn-grid-3f9a1c',
    'status 4 --json',
  ])
    .argument('<sweep>', 'its name or number')
    .option('--json', 'print JSON')
    .action(status);
}
