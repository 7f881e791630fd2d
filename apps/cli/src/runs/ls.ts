import { type RunQuery, RunStatus, type RunTableRow } from '@atelier/tracker';
import { Command, InvalidArgumentError, Option } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { formatCell, formatDuration, formatTime, toPrintedJson } from '../terminal/values.ts';
import { listFamilies } from './families.ts';
import { openUserTracker } from './open.ts';

interface LsOptions {
  readonly project?: string;
  readonly status?: RunStatus;
  readonly filter?: string;
  readonly sort?: string;
  readonly columns?: string;
  readonly cursor?: string;
  readonly limit: number;
  readonly families?: boolean;
  readonly trash?: boolean;
  readonly json?: boolean;
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
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
] as const;

const METRICS = ['val/accuracy', 'test/accuracy'];

/** Cuts `a, cm["x","y"], b` at the commas that stand outside of brackets and quotes. */
export function splitList(text: string): string[] {
  const parts = text.match(/(?:\[[^\]]*\]|"[^"]*"|`[^`]*`|[^,])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** `val/accuracy` or `val/accuracy:asc`, several by commas. */
function parseSort(text: string | undefined): RunQuery['sort'] {
  return splitList(text ?? '').map((part) => {
    const [, by, order] = /^(.*?)(?::(asc|desc))?$/.exec(part)!;
    return { by: by!, order: order === 'asc' ? 'asc' : 'desc' };
  });
}

function toFilter({ project, status, filter }: LsOptions): string {
  return [
    ...(project === undefined ? [] : [`project = ${JSON.stringify(project)}`]),
    ...(status === undefined ? [] : [`status = ${status}`]),
    ...(filter === undefined ? [] : [project === undefined && status === undefined ? filter : `(${filter})`]),
  ].join(' and ');
}

function toRow(run: RunTableRow, columns: readonly string[] | undefined): string[] {
  const values =
    columns === undefined
      ? METRICS.map((name) => run.metrics[name])
      : columns.map((name) => run.metrics[name] ?? run.columns[name]);
  return [
    String(run.id),
    run.name,
    run.project,
    run.status,
    formatTime(run.startedAt),
    run.durationMs === undefined ? '' : formatDuration(run.durationMs),
    run.engine,
    ...values.map(formatCell),
  ];
}

function ls(options: LsOptions): void {
  using tracker = openUserTracker();
  if (options.families) return listFamilies(tracker, options);
  const columns = options.columns === undefined ? undefined : splitList(options.columns);
  const page = tracker.queryRuns({
    filter: toFilter(options),
    sort: parseSort(options.sort),
    limit: options.limit,
    cursor: options.cursor,
    columns,
    trash: options.trash,
    count: true,
  });
  if (options.json) {
    const runs = columns === undefined ? page.runs.map(({ columns: _, ...run }) => run) : page.runs;
    // with --page the answer is { runs, next, total }
    process.stdout.write(`${toPrintedJson(options.cursor === undefined ? runs : { ...page, runs })}\n`);
    return;
  }
  if (page.runs.length === 0) {
    process.stdout.write(options.filter === undefined ? `no runs in ${tracker.home}\n` : 'no such runs\n');
    return;
  }
  const extra = (columns ?? METRICS).map((title) => ({ title, align: 'right' }) as const);
  const table = formatTable(
    [...COLUMNS, ...extra],
    page.runs.map((run) => toRow(run, columns)),
  );
  const more =
    page.next === undefined
      ? ''
      : `${page.runs.length} of ${page.total} runs; the next: --cursor=${page.next}\n`;
  process.stdout.write(`${table}\n${more}`);
}

export const FILTER_HELP = `
Filters compare parameters, metrics, fields and cells of the confusion matrix:
  val/accuracy > 0.92 and optimizer.learningRate < 0.01
  status = FAILED and created > -7d           -7d: seven days ago; also -12h, "2026-11-20"
  min(val/loss) < 0.2 or tag = "baseline"     min(...), max(...) of a whole curve
  cm["Shirt","T-shirt/top"] < 110             true class, predicted class; cm.val[...] for validation
  name ~ "cnn" and not model.kind in ("mlp", "seed-cnn")     ~: contains, or a pattern with * and ?
  \`odd name\` > 1                              names with blanks stand in backquotes`;

export function lsCommand(): Command {
  return new Command('ls')
    .description('List runs, newest first.')
    .option('--filter <filter>', 'only runs of this filter')
    .option(
      '--sort <fields>',
      'by these fields, metrics or parameters, greatest first; name:asc turns it round',
    )
    .option('--columns <names>', 'show these metrics, parameters or cells')
    .option('--project <name>', 'only runs of this project')
    .addOption(new Option('--status <status>', 'only runs of this status').choices(RunStatus.options))
    .option('--limit <count>', 'at most this many runs', parseLimit, 20)
    .option('--cursor <cursor>', 'go on where the page before ended')
    .option('--families', 'runs that differ only in their seeds together: mean, spread and interval')
    .option('--trash', 'the runs in the trash')
    .option('--json', 'print JSON: metrics in full; NaN and infinities as strings')
    .addHelpText(
      'after',
      `${FILTER_HELP}

Examples:
  npx atelier ls --project=fashion --limit=5
  npx atelier ls --filter='val/accuracy > 0.9' --sort=val/accuracy --columns=val/accuracy,optimizer.learningRate
  npx atelier ls --status=FAILED --json`,
    )
    .action(ls);
}
