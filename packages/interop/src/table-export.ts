import { join } from 'node:path';
import type { Run } from '@atelier/tracker';
import type { ExportCounts, ExportJob } from './export-job.ts';
import { slices } from './pace.ts';
import { curvesOf } from './run-reading.ts';
import { POINT_COLUMNS, runColumns, type PointRow, type TableColumn } from './tables.ts';

/** A table on its way into a file. */
export interface TableFile<Row> extends Disposable {
  add(rows: readonly Row[]): void;
  end(): void;
}

export type OpenTable = <Row>(path: string, columns: readonly TableColumn<Row>[]) => TableFile<Row>;

async function writeRuns(job: ExportJob, table: TableFile<Run>): Promise<void> {
  for (const id of job.ids) {
    table.add([job.tracker.getRun(id)]);
    await job.pace.add(0);
  }
  table.end();
}

async function writePoints(job: ExportJob, table: TableFile<PointRow>): Promise<void> {
  for (const id of job.ids) {
    const run = job.tracker.getRun(id);
    await job.pace.run(run.name);
    for (const { key, points } of curvesOf(job.tracker, run)) {
      for (const slice of slices(points)) {
        table.add(slice.map((point) => ({ runId: id, key, point })));
        await job.pace.add(slice.length);
      }
    }
  }
  table.end();
}

/** Two tables in a folder: `runs` with a row a run, `points` with a row a point. */
export function tableExport(extension: 'csv' | 'parquet', open: OpenTable) {
  return async (job: ExportJob, folder: string): Promise<ExportCounts> => {
    const each = function* (): Generator<Run> {
      for (const id of job.ids) yield job.tracker.getRun(id);
    };
    using runs = open(join(folder, `runs.${extension}`), runColumns(each()));
    await writeRuns(job, runs);
    using points = open(join(folder, `points.${extension}`), POINT_COLUMNS);
    await writePoints(job, points);
    return { points: job.pace.points, notes: [] };
  };
}
