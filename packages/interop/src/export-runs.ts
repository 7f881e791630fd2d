import { statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Tracker } from '@atelier/tracker';
import { exportBundle } from './bundle-writer.ts';
import { openCsv } from './csv.ts';
import { salvaged } from './damage.ts';
import { ExportSelectionError } from './errors.ts';
import type { ExportCounts, ExportJob } from './export-job.ts';
import { exportJsonl } from './jsonl.ts';
import { mlflowExport } from './mlflow/export-mlflow.ts';
import { exportOptuna, selectSweeps } from './optuna/export-sweeps.ts';
import { Pace, type InteropProgress } from './pace.ts';
import { openParquet } from './parquet.ts';
import { selectRuns } from './run-selection.ts';
import { tableExport } from './table-export.ts';
import { exportTensorboard } from './tensorboard/tensorboard.ts';
import { writeTarget, type TargetOptions } from './target.ts';

interface Format {
  readonly kind: TargetOptions['kind'];
  readonly write: (job: ExportJob, path: string) => Promise<ExportCounts>;
}

/** The formats by the name a user types. */
const FORMATS = {
  csv: { kind: 'folder', write: tableExport('csv', openCsv) },
  jsonl: { kind: 'file', write: exportJsonl },
  parquet: { kind: 'folder', write: tableExport('parquet', openParquet) },
  tensorboard: { kind: 'folder', write: exportTensorboard },
  mlflow: { kind: 'folder', write: mlflowExport(false) },
  'mlflow-files': { kind: 'folder', write: mlflowExport(true) },
  bundle: { kind: 'file', write: exportBundle },
  optuna: { kind: 'file', write: exportOptuna },
} as const satisfies Record<string, Format>;

export type ExportFormat = keyof typeof FORMATS;

export const EXPORT_FORMATS = Object.keys(FORMATS) as ExportFormat[];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** A file (jsonl, bundle, optuna) or a folder (the others); nothing may be there yet, or `force` an earlier export. */
  readonly out: string;
  /** `1,2,5-9,baseline`; absent: all runs (of the project). */
  readonly runs?: string | undefined;
  /** For `optuna`, which holds sweeps: names or ids, as `lr,3`; absent: all (of the project). */
  readonly sweeps?: string | undefined;
  readonly project?: string | undefined;
  readonly force?: boolean | undefined;
  /** Aborting ends the export and leaves nothing. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: InteropProgress) => void) | undefined;
}

export interface ExportReport extends ExportCounts {
  readonly format: ExportFormat;
  readonly out: string;
  readonly runs: readonly number[];
  /** Ids; only `optuna` has any. */
  readonly sweeps: readonly number[];
  readonly bytes: number;
}

function sizeOf(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** What is exported: sweeps by `optuna`, runs by every other format. */
function select(tracker: Tracker, options: ExportOptions): { ids: number[]; sweeps: number[] } {
  const { format, runs, sweeps } = options;
  if (format !== 'optuna') {
    if (sweeps === undefined) return { ids: selectRuns(tracker, options), sweeps: [] };
    throw new ExportSelectionError(`--sweeps goes with --format=optuna; ${format} holds runs: choose --runs`);
  }
  if (runs !== undefined) throw new ExportSelectionError('optuna holds sweeps: choose them by --sweeps');
  return { ids: [], sweeps: selectSweeps(tracker, options) };
}

/**
 * Writes runs in another program's format, every point of them. `out` is there when it is whole, or not at all.
 * @throws ExportTargetError, ExportSelectionError, RunUnknownError, SweepUnknownError, InterruptedError
 */
export async function exportRuns(tracker: Tracker, options: ExportOptions): Promise<ExportReport> {
  const { format, out, force = false, signal, onProgress } = options;
  const { kind, write }: Format = FORMATS[format];
  const { ids, sweeps } = select(tracker, options);
  const what = ['the export', `${out} was not written`] as const;
  const pace = new Pace({ runs: ids.length + sweeps.length, signal, onProgress, what });
  const left: string[] = [];
  const from = format === 'optuna' ? tracker : salvaged(tracker, (text) => left.push(text));
  const counts = await writeTarget(out, { kind, force }, async (partial) => {
    const written = await write({ tracker: from, ids, sweeps, pace, path: out }, partial);
    await pace.end();
    return { ...written, notes: [...left, ...written.notes] };
  });
  return { format, out, runs: ids, sweeps, bytes: sizeOf(out), ...counts };
}
