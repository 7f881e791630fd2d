import { IMPORT_SOURCES, type ImportReport, importRuns, type ImportSource } from '@atelier/interop';
import { openTracker } from '@atelier/tracker';
import { Command, Option } from 'commander';
import { EXIT_FAILURE } from '../terminal/errors.ts';
import { atelierHome, userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { printable } from '../terminal/printable.ts';
import { interopProgress } from './progress.ts';

interface ImportFlags {
  readonly from?: ImportSource;
  readonly project?: string;
  readonly artifactsFrom: string[];
  readonly json?: boolean;
}

function toText({ path, from, imported, skipped, refused, points, notes }: ImportReport): string {
  const ids = imported.length === 0 ? '' : ` (${imported[0]!.id} to ${imported.at(-1)!.id})`;
  return [
    `${path} (${from}): ${imported.length} runs imported${ids}, ${points.toLocaleString('en-US')} points`,
    ...(skipped.length === 0 ? [] : [`${skipped.length} runs were here already and were skipped`]),
    ...refused.map(({ name, reason }) => printable(`not imported: ${name}: ${reason}`)),
    ...(refused.length === 0
      ? []
      : ['What was imported stays: mend the others and import again, for what is missing.']),
    ...notes.map((note) => `note: ${printable(note)}`),
  ].join('\n');
}

const collect = (value: string, before: string[]): string[] => [...before, value];

async function runImport(path: string, { artifactsFrom, ...flags }: ImportFlags): Promise<void> {
  using tracker = openTracker({ home: atelierHome() });
  const { onProgress, stop } = interopProgress();
  try {
    const report = await untilInterrupted((signal) =>
      importRuns(tracker, {
        ...flags,
        path: userPath(path),
        artifactFolders: artifactsFrom.map((folder) => userPath(folder)),
        signal,
        onProgress,
      }),
    );
    stop();
    process.stdout.write(`${flags.json ? JSON.stringify(report, null, 2) : toText(report)}\n`);
    if (report.refused.length > 0) process.exitCode = EXIT_FAILURE;
  } finally {
    stop();
  }
}

const EXAMPLES = `
Each run is imported whole or not at all; one that is here already is skipped. A run that is damaged, or that holds what
no run may hold, is named and left, and the exit code is 1. An MLflow store says itself where its artifacts are: those
that are not below it are left where they are, unless --artifacts-from names a folder above them.

Examples:
  npx atelier import runs.sqlite
  npx atelier import mlflow.db --project=fashion
  npx atelier import mlruns --artifacts-from=mlartifacts`;

export function importCommand(): Command {
  return new Command('import')
    .description('Take runs over from a share bundle, another home or an MLflow store.')
    .argument('<path>', 'bundle, folder of a home, MLflow database, or mlruns folder')
    .addOption(
      new Option('--from <kind>', 'what it is (default: seen from its content)').choices(IMPORT_SOURCES),
    )
    .option('--project <name>', 'put all runs into this project')
    .option('--artifacts-from <folder>', 'also take artifacts of MLflow below this folder', collect, [])
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action(runImport);
}
