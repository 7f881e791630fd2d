import type { ExportCounts, ExportJob } from './export-job.ts';
import { OutputFile } from './output-file.ts';
import { slices } from './pace.ts';
import { curvesOf } from './run-reading.ts';

/** JSON has neither NaN nor infinities: they are the strings "NaN", "Infinity" and "-Infinity". */
function named(_: string, item: unknown): unknown {
  return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
}

/** One file, one object a line: `{"type":"run",...}` and after it its `{"type":"point","runId":...}`. */
export async function exportJsonl(job: ExportJob, path: string): Promise<ExportCounts> {
  using file = new OutputFile(path);
  for (const id of job.ids) {
    const run = job.tracker.getRun(id);
    await job.pace.run(run.name);
    file.text(`${JSON.stringify({ type: 'run', ...run }, named)}\n`);
    for (const { key, points } of curvesOf(job.tracker, run)) {
      for (const slice of slices(points)) {
        for (const point of slice) {
          file.text(`${JSON.stringify({ type: 'point', runId: id, key, ...point }, named)}\n`);
        }
        await job.pace.add(slice.length);
      }
    }
  }
  file.end();
  return { points: job.pace.points, notes: [] };
}
