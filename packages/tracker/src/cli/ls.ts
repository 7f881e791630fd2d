import { formatTable } from '@atelier/cli';
import { Command, InvalidArgumentError, Option } from 'commander';
import { RunStatus, type RunSummary } from '../schema.ts';
import { openUserTracker } from './open.ts';
import { formatDuration, formatNumber, formatTime, toPrintedJson } from './values.ts';

interface LsOptions {
  readonly project?: string;
  readonly status?: RunStatus;
  readonly limit: number;
  readonly json?: boolean;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return limit;
}

const COLUMNS = [
  { title: 'id', align: 'right' },
  { title: 'run' },
  { title: 'project' },
  { title: 'status' },
  { title: 'started' },
  { title: 'took', align: 'right' },
  { title: 'engine' },
  { title: 'val/accuracy', align: 'right' },
  { title: 'test/accuracy', align: 'right' },
] as const;

function toRow(run: RunSummary): string[] {
  return [
    String(run.id),
    run.name,
    run.project,
    run.status,
    formatTime(run.startedAt),
    run.durationMs === undefined ? '' : formatDuration(run.durationMs),
    run.engine,
    formatNumber(run.metrics['val/accuracy']),
    formatNumber(run.metrics['test/accuracy']),
  ];
}

function ls(options: LsOptions): void {
  using tracker = openUserTracker();
  const runs = tracker.listRuns(options);
  if (options.json) {
    process.stdout.write(`${toPrintedJson(runs)}\n`);
  } else if (runs.length === 0) {
    process.stdout.write(`no runs in ${tracker.home}\n`);
  } else {
    process.stdout.write(`${formatTable([...COLUMNS], runs.map(toRow))}\n`);
  }
}

export function lsCommand(): Command {
  return new Command('ls')
    .description('List runs, newest first.')
    .option('--project <name>', 'only runs of this project')
    .addOption(new Option('--status <status>', 'only runs of this status').choices(RunStatus.options))
    .option('--limit <count>', 'at most this many runs', parseLimit, 20)
    .option('--json', 'print JSON: metrics in full; NaN and infinities as strings')
    .addHelpText(
      'after',
      '\nExamples:\n  nx run tracker:ls --project=fashion --limit=5\n  nx run tracker:ls --status=FAILED --json',
    )
    .action(ls);
}
