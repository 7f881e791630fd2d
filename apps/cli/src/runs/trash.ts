import { RunUnknownError, type Tracker } from '@atelier/tracker';
import { dropCheckpoints, runsWithCheckpoints } from '@atelier/train';
import { Command, InvalidArgumentError } from 'commander';
import { toPrintedJson } from '../terminal/values.ts';
import { openUserTracker } from './open.ts';
import { runIds } from './runs-argument.ts';

interface JsonOption {
  readonly json?: boolean;
}

function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json ? toPrintedJson(value) : text}\n`);
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function rm(typed: string[], { json }: JsonOption): void {
  using tracker = openUserTracker();
  const ids = runIds(tracker, typed);
  tracker.trash(ids);
  print(json, { trashed: ids }, `${plural(ids.length, 'run')} in the trash; \`restore\` brings them back`);
}

function restore(typed: string[], { json }: JsonOption): void {
  using tracker = openUserTracker();
  const ids = runIds(tracker, typed);
  tracker.restore(ids);
  print(json, { restored: ids }, `${plural(ids.length, 'run')} restored`);
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!(days >= 0)) throw new InvalidArgumentError('It must be a number of days, 0 or more.');
  return days;
}

function isGone(tracker: Tracker, id: number): boolean {
  try {
    tracker.getRun(id);
    return false;
  } catch (error) {
    if (error instanceof RunUnknownError) return true;
    throw error;
  }
}

function gc({ olderThan, dryRun, json }: { olderThan: number; dryRun?: boolean } & JsonOption): void {
  using tracker = openUserTracker();
  const result = tracker.purge({ olderThanMs: olderThan * 86_400_000, dryRun });
  const { runs, kept, artifacts, datasets, reclaimed } = result;
  const goes = (id: number): boolean => runs.some((run) => run.id === id) || isGone(tracker, id);
  const checkpoints = runsWithCheckpoints(tracker.home).filter(goes);
  if (!dryRun) for (const id of checkpoints) dropCheckpoints(tracker.home, id);
  const lines = [
    `${dryRun ? 'would remove' : 'removed'} ${plural(runs.length, 'run')}, ${plural(artifacts.files, 'file')} (${artifacts.bytes} bytes), ${plural(datasets.length, 'dataset')}, checkpoints of ${plural(checkpoints.length, 'run')}`,
    ...(dryRun ? [] : [`the database is ${reclaimed} bytes smaller`]),
    ...kept.map(({ name }) => `${name} stays in the trash: something still refers to it`),
  ];
  print(json, { dryRun: dryRun === true, ...result, checkpoints }, lines.join('\n'));
}

export function rmCommand(): Command {
  return new Command('rm')
    .description('Put ended runs into the trash. Nothing is lost until gc.')
    .argument('<runs...>', 'ids, names, or ranges of ids as 5-9')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  npx atelier rm 12\n  npx atelier rm 5-9 draft')
    .action(rm);
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Take runs out of the trash.')
    .argument('<runs...>', 'ids or names')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx atelier restore 12')
    .action(restore);
}

export function gcCommand(): Command {
  return new Command('gc')
    .description(
      'Empty the trash for good: runs with their checkpoints, and files and datasets that nothing else needs.',
    )
    .option('--older-than <days>', 'only runs that have been in the trash for so long', parseDays, 0)
    .option('--dry-run', 'say what would go and remove nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  npx atelier gc --dry-run\n  npx atelier gc --older-than=30')
    .action(gc);
}
