import { EXPORT_FORMATS, type ExportFormat, type ExportReport, exportRuns } from '@atelier/interop';
import { Command, Option } from 'commander';
import { openUserTracker } from '../runs/open.ts';
import { userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { printable } from '../terminal/printable.ts';
import { interopProgress } from './progress.ts';

interface ExportFlags {
  readonly format: ExportFormat;
  readonly out: string;
  readonly runs?: string;
  readonly sweeps?: string;
  readonly project?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

function toText({ format, out, runs, sweeps, points, bytes, notes }: ExportReport): string {
  const [things, word] = format === 'optuna' ? [sweeps, 'sweep'] : [runs, 'run'];
  const count = `${things.length} ${things.length === 1 ? word : `${word}s`}`;
  const line = `${out}: ${count}, ${points.toLocaleString('en-US')} points, ${bytes.toLocaleString('en-US')} bytes`;
  return [line, ...notes.map((note) => `note: ${printable(note)}`)].join('\n');
}

async function runExport(flags: ExportFlags): Promise<void> {
  using tracker = openUserTracker();
  const { onProgress, stop } = interopProgress();
  try {
    const report = await untilInterrupted((signal) =>
      exportRuns(tracker, { ...flags, out: userPath(flags.out), signal, onProgress }),
    );
    stop();
    process.stdout.write(`${flags.json ? JSON.stringify(report, null, 2) : toText(report)}\n`);
  } finally {
    stop();
  }
}

const EXAMPLES = `
Every point is exported, never a sample. --out is there when it is whole, or not at all.

  csv, parquet    a folder with runs.* (a row a run) and points.* (a row a point)
  jsonl           a file, one run or point a line
  tensorboard     a folder for tensorboard --logdir
  mlflow          a folder with mlflow.db: mlflow ui --backend-store-uri sqlite:///<out>/mlflow.db
  mlflow-files    a folder as MLflow's mlruns
  bundle          one SQLite file that tracker:import takes elsewhere
  optuna          one SQLite file of sweeps: optuna-dashboard sqlite:///<out>

Examples:
  npx atelier export --format=parquet --out=export --project=fashion
  npx atelier export --format=jsonl --out=runs.jsonl --runs=1,2,5-9
  npx atelier export --format=bundle --out=runs.sqlite --runs=baseline,12 --force
  npx atelier export --format=optuna --out=sweeps.db --sweeps=learning-rates`;

export function exportCommand(): Command {
  return new Command('export')
    .description('Write runs in the format of another program.')
    .addOption(new Option('--format <format>', 'what to write').choices(EXPORT_FORMATS).makeOptionMandatory())
    .requiredOption('--out <path>', 'file or folder to make')
    .option('--runs <list>', 'ids, ranges and names, as 1,2,5-9,baseline (default: all)')
    .option('--sweeps <list>', 'for optuna: names or ids, as learning-rates,3 (default: all)')
    .option('--project <name>', 'only runs or sweeps of this project')
    .option('--force', 'replace an earlier export')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', EXAMPLES)
    .action(runExport);
}
