import { Command } from 'commander';
import { printable } from '../terminal/printable.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { FILTER_HELP, parseLimit } from './ls.ts';
import { openUserTracker } from './open.ts';

interface QueryOptions {
  readonly limit: number;
  readonly json?: boolean;
  readonly complete?: boolean;
}

function query(filter: string, options: QueryOptions): void {
  using tracker = openUserTracker();
  if (options.complete) {
    process.stdout.write(`${toPrintedJson(tracker.complete(filter))}\n`);
    return;
  }
  const { runs, total } = tracker.queryRuns({ filter, limit: options.limit, count: true, metrics: [] });
  const text = options.json
    ? toPrintedJson({ total, ids: runs.map((run) => run.id) })
    : runs.map((run) => `${run.id}\t${printable(run.name)}`).join('\n');
  if (text !== '') process.stdout.write(`${text}\n`);
  if (!options.json) process.stderr.write(`${total} runs\n`);
}

export function queryCommand(): Command {
  return new Command('query')
    .description('Print ids and names of the runs that a filter means, newest first.')
    .argument('<filter>', 'as for ls --filter')
    .option('--limit <count>', 'at most this many runs', parseLimit, 1000)
    .option('--complete', 'print what may stand at the end of the filter instead')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${FILTER_HELP}\n\nExample:\n  npx atelier query 'status = FAILED and created > -1d'`,
    )
    .action(query);
}
