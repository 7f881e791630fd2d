import { IMPORT_SOURCES, type ImportReport, importRuns, type ImportSource } from '@atelier/interop';
import { openTracker } from '@atelier/tracker';
import { Command, Option } from 'commander';
import { atelierHome, userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { interopProgress } from './progress.ts';

interface ImportFlags {
  readonly from?: ImportSource;
  readonly project?: string;
  readonly json?: boolean;
}

function toText({ path, from, imported, skipped, points, notes }: ImportReport): string {
  const ids = imported.length === 0 ? '' : ` (${imported[0]!.id} to ${imported.at(-1)!.id})`;
  return [
    `${path} (${from}): ${imported.length} runs imported${ids}, ${points.toLocaleString('en-US')} points`,
    ...(skipped.length === 0 ? [] : [`${skipped.length} runs were here already and were skipped`]),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}

async function runImport(path: string, flags: ImportFlags): Promise<void> {
  using tracker = openTracker({ home: atelierHome() });
  const { onProgress, stop } = interopProgress();
  try {
    const report = await untilInterrupted((signal) =>
      importRuns(tracker, { ...flags, path: userPath(path), signal, onProgress }),
    );
    stop();
    process.stdout.write(`${flags.json ? JSON.stringify(report, null, 2) : toText(report)}\n`);
  } finally {
    stop();
  }
}

const EXAMPLES = `
Each run is imported whole or not at all; one that is here already is skipped.

Examples:
  npx atelier import runs.sqlite
  npx atelier import mlflow.db --project=fashion
  npx atelier import mlruns`;

export function importCommand(): Command {
  return new Command('import')
    .description('Take runs over from a share bundle, another home or an MLflow store.')
    .argument('<path>', 'bundle, folder of a home, MLflow database, or mlruns folder')
    .addOption(
      new Option('--from <kind>', 'what it is (default: seen from its content)').choices(IMPORT_SOURCES),
    )
    .option('--project <name>', 'put all runs into this project')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action(runImport);
}
