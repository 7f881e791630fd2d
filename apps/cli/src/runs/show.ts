import { type JudgedLedger, judgeLedger, type Run } from '@atelier/tracker';
import { Command } from 'commander';
import { printable, printableLines } from '../terminal/printable.ts';
import { formatTable } from '../terminal/table.ts';
import { formatDuration, formatNumber, formatTime, toPrintedJson } from '../terminal/values.ts';
import { openUserTracker } from './open.ts';

function headLines(run: Run): string[] {
  const { git, machine, engine, node, command } = run.environment;
  const took = run.durationMs === undefined ? '' : `, took ${formatDuration(run.durationMs)}`;
  const commit = git && `${git.commit.slice(0, 12)} on ${git.branch}${git.dirty ? ', with changes' : ''}`;
  const group = run.group === undefined ? '' : `, group ${printable(run.group)}`;
  const gigabytes = (machine.memoryBytes / 2 ** 30).toFixed(1);
  return [
    `run ${run.id}: ${printable(run.name)} (${printable(run.project)}${group})`,
    `status   ${run.status}`,
    ...(run.error === undefined ? [] : [`error    ${run.error.code}: ${run.error.message}`]),
    `started  ${formatTime(run.startedAt)}${took}`,
    `engine   ${engine.name} ${engine.version}, ${engine.threads} thread(s), ${engine.arithmetic ?? engine.precision}`,
    `machine  ${machine.cpu}, ${machine.cores} cores, ${gigabytes} GiB, ${machine.platform} ${machine.arch}, Node ${node}`,
    ...(commit === undefined ? [] : [`git      ${commit}`]),
    ...(run.datasetDigest === undefined ? [] : [`dataset  ${run.datasetDigest}`]),
    ...(run.tags.length === 0 ? [] : [`tags     ${printable(run.tags.join(', '))}`]),
    ...(run.notes === undefined ? [] : [`notes    ${run.notes.replaceAll('\n', '\n         ')}`]),
    `command  ${printable(command.join(' '))}`,
  ];
}

function section(title: string, body: string): string {
  return `\n${title}\n${body}`;
}

function tables(run: Run): string[] {
  const parts: string[] = [];
  const settings = Object.entries(run.parameters).map(([name, value]) => [name, String(value)]);
  if (settings.length > 0) {
    parts.push(section('Settings', formatTable([{ title: 'name' }, { title: 'value' }], settings)));
  }
  const metrics = Object.entries(run.metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  if (metrics.length > 0) {
    const rows = metrics.map(([name, value]) => [name, formatNumber(value)]);
    parts.push(
      section(
        'Metrics (last value)',
        formatTable([{ title: 'name' }, { title: 'value', align: 'right' }], rows),
      ),
    );
  }
  return parts;
}

function artifactTable(run: Run): string[] {
  if (run.artifacts.length === 0) return [];
  const columns = [
    { title: 'path' },
    { title: 'bytes', align: 'right' },
    { title: 'type' },
    { title: 'sha256' },
  ] as const;
  const rows = run.artifacts.map(({ path, size, mediaType, sha256 }) => [
    path,
    String(size),
    mediaType,
    sha256.slice(0, 12),
  ]);
  return [section('Artifacts', formatTable([...columns], rows))];
}

function toText(run: Run, ledgers: readonly JudgedLedger[]): string {
  const reports = ledgers.map(({ split, checkpoint, reportText, matrixText }) =>
    section(`Predictions of ${split} (checkpoint ${checkpoint})`, `${reportText}\n${matrixText}`),
  );
  return [...headLines(run), ...tables(run), ...reports, ...artifactTable(run)].join('\n');
}

function show(typed: string, options: { readonly json?: boolean }): void {
  using tracker = openUserTracker();
  const run = tracker.getRun(tracker.findRunId(typed));
  const ledgers = run.ledgers.flatMap((key) => judgeLedger(tracker, run.id, key) ?? []);
  if (!options.json) {
    process.stdout.write(`${printableLines(toText(run, ledgers)).trimEnd()}\n`);
    return;
  }
  const evaluations = ledgers.map(({ reportText: _, matrixText: __, ...judged }) => judged);
  process.stdout.write(`${toPrintedJson({ ...run, evaluations })}\n`);
}

export function showCommand(): Command {
  return new Command('show')
    .description('Show one run: settings, metrics, classification report, confusion matrix, artifacts.')
    .argument('<run>', 'id or name of a run (of several of one name the newest)')
    .option('--json', 'print JSON; NaN and infinities as strings')
    .addHelpText('after', '\nExamples:\n  npx atelier show 12\n  npx atelier show seed-cnn-12 --json')
    .action(show);
}
