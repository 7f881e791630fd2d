import { Command, InvalidArgumentError } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { formatCell, toPrintedJson } from '../terminal/values.ts';
import { openUserTracker } from './open.ts';

interface SqlFlags {
  readonly limit: number;
  readonly timeout: number;
  readonly json?: boolean;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!(count > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return count;
}

async function sql(text: string, { limit, timeout, json }: SqlFlags): Promise<void> {
  using tracker = openUserTracker();
  const { columns, rows, more } = await tracker.sql(text, { limit, timeoutMs: timeout * 1000 });
  if (json) {
    const objects = rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    process.stdout.write(`${toPrintedJson(objects)}\n`);
  } else {
    const titles = columns.map((title) => ({ title }));
    process.stdout.write(
      `${formatTable(
        titles,
        rows.map((row) => row.map(formatCell)),
      )}\n`,
    );
  }
  if (more) process.stderr.write(`only the first ${limit} rows: --limit shows more\n`);
}

export function sqlCommand(): Command {
  return new Command('sql')
    .description('Run one reading SQL statement on the database.')
    .argument('<statement>', 'SELECT, WITH, VALUES or EXPLAIN')
    .option('--limit <rows>', 'at most this many rows', parseCount, 1000)
    .option('--timeout <seconds>', 'give up after this long', parseCount, 10)
    .option('--json', 'print JSON: a list of objects; NaN is null, as SQL has none')
    .addHelpText(
      'after',
      `
Tables: runs, parameters, metric_keys, latest_metrics, summaries, predictions, matrix_cells, datasets, artifacts, ...
points(run, metric) is a table of the points of one curve: seq, step, epoch, wall_time, value.

Examples:
  npx atelier sql 'SELECT status, count(*) FROM runs GROUP BY status'
  npx atelier sql "SELECT step, value FROM points(12, 'val/loss') ORDER BY value LIMIT 5" --json`,
    )
    .action(sql);
}
