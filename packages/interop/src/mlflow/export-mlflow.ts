import type { CurvePoint, Run } from '@atelier/tracker';
import type { ExportCounts, ExportJob } from '../export-job.ts';
import { drawMatrix, matrixOf } from '../matrix-picture.ts';
import { slices } from '../pace.ts';
import { curvesOf, ledgersOf, summaryOf } from '../run-reading.ts';
import { experimentOf, readJson, toMlflow, type MlflowExport } from './export-run.ts';
import { ExperimentPlan } from './experiments.ts';
import { MlflowFilesWriter } from './files-writer.ts';
import { ArtifactNames, MlflowNames } from './names.ts';
import { MlflowStoreRecord, RECORD_PATH, STORE_PATH, type MlflowExperiment } from './records.ts';
import { MlflowSqliteWriter, type StorePlace } from './sqlite-writer.ts';
import type { MlflowMetric, MlflowWriter } from './writer.ts';

/** Artifacts that say where an imported run came from: an export needs them, MLflow does not. */
const ORIGIN_FOLDER = '.mlflow/';

function toMetric({ wallTime, step, value }: CurvePoint): MlflowMetric {
  return { timestamp: Math.round(wallTime), step, value };
}

class MlflowExporter {
  private readonly job: ExportJob;
  private readonly writer: MlflowWriter;
  private readonly asFiles: boolean;
  private renamed = 0;
  private moved = 0;

  constructor(job: ExportJob, writer: MlflowWriter, asFiles: boolean) {
    this.job = job;
    this.writer = writer;
    this.asFiles = asFiles;
  }

  async write(): Promise<readonly string[]> {
    const experiments = this.planExperiments();
    for (const id of this.job.ids) await this.writeRun(this.job.tracker.getRun(id), experiments);
    this.writer.end();
    const { repeated } = this.writer;
    return [
      ...(repeated === 0
        ? []
        : [`${repeated} values were logged twice with one step and time: MLflow keeps one`]),
      ...(this.renamed === 0
        ? []
        : [`${this.renamed} metrics have names that MLflow refuses: see ${RECORD_PATH}`]),
      ...(this.moved === 0
        ? []
        : [`${this.moved} artifacts have names that are folders too: they got other names`]),
    ];
  }

  /** All experiments first: those of imported runs with their ids, then those of projects. */
  private planExperiments(): Map<number, MlflowExperiment> {
    const plan = new ExperimentPlan();
    const places = this.job.ids.map((id) => this.placeOf(id));
    for (const { experiment } of places) if (experiment !== undefined) plan.keep(experiment);
    for (const id of this.job.ids) {
      const kept = readJson(this.job.tracker, this.job.tracker.getRun(id), STORE_PATH);
      const store = MlflowStoreRecord.safeParse(kept).data;
      for (const experiment of store?.experiments ?? []) plan.keep(experiment);
    }
    plan.ensureDefault();
    const planned = places.map(({ id, project, createdAt, experiment }): [number, MlflowExperiment] => [
      id,
      experiment === undefined ? plan.ofProject(project, createdAt) : plan.keep(experiment),
    ]);
    for (const experiment of plan.all()) this.writer.experiment(experiment);
    return new Map(planned);
  }

  private placeOf(id: number) {
    const run = this.job.tracker.getRun(id);
    const { project, createdAt } = run;
    return { id, project, createdAt, experiment: experimentOf(this.job.tracker, run) };
  }

  private async writeRun(run: Run, experiments: ReadonlyMap<number, MlflowExperiment>): Promise<void> {
    await this.job.pace.run(run.name);
    const exported = toMlflow(this.job.tracker, run, this.asFiles);
    this.writer.run(exported.run, experiments.get(run.id)!.id);
    await this.writeMetrics(run, exported);
    const names = new ArtifactNames();
    for (const { path } of run.artifacts) {
      if (path.startsWith(ORIGIN_FOLDER)) continue;
      this.writer.artifact(names.of(path), this.job.tracker.readArtifact(run.id, path));
      await this.job.pace.add(0);
    }
    this.moved += names.renamed;
    this.writer.endRun();
  }

  private async writeMetrics(run: Run, { record }: MlflowExport): Promise<void> {
    const names = new MlflowNames(this.asFiles);
    const lasts = new Map<string, number>();
    let lastStep = 0;
    for (const { key, points } of curvesOf(this.job.tracker, run)) {
      for (const slice of slices(points)) {
        this.writer.metrics(names.of(key), slice.map(toMetric));
        for (const { step } of slice) lastStep = Math.max(lastStep, step);
        await this.job.pace.add(slice.length);
      }
      lasts.set(key, points.at(-1)!.value);
    }
    const summary = this.writeSummary(run, lasts, names, lastStep);
    const changed = names.changed();
    this.renamed += Object.keys(changed).length;
    if (record === undefined) return;
    const kept = JSON.stringify({ ...record, metricNames: changed, summary }, null, 2);
    this.writer.artifact(RECORD_PATH, Buffer.from(kept));
    this.writeMatrices(run);
  }

  /** Numbers of the run as a whole, one value each at its last step. */
  private writeSummary(run: Run, lasts: ReadonlyMap<string, number>, names: MlflowNames, step: number) {
    const written: Record<string, string> = {};
    for (const [key, value] of Object.entries(summaryOf(run, lasts))) {
      const name = names.of(lasts.has(key) ? `summary/${key}` : key);
      this.writer.metrics(name, [{ timestamp: run.endedAt ?? run.startedAt, step, value }]);
      written[name] = key;
    }
    return written;
  }

  private writeMatrices(run: Run): void {
    for (const ledger of ledgersOf(this.job.tracker, run)) {
      const matrix = matrixOf(this.job.tracker, ledger);
      if (matrix === undefined) continue;
      const name = `atelier/confusion-${ledger.split}-${ledger.checkpoint}`.replace(/[^\w./-]/g, '_');
      const rows = Array.from({ length: matrix.classes }, (_, row) =>
        Array.from(matrix.counts.subarray(row * matrix.classes, (row + 1) * matrix.classes)),
      );
      const classNames = this.job.tracker.dataset(ledger.datasetDigest)?.classNames;
      this.writer.artifact(`${name}.json`, Buffer.from(JSON.stringify({ classNames, rows })));
      this.writer.artifact(`${name}.png`, drawMatrix(matrix).png);
    }
  }
}

/** `mlflow` writes `mlflow.db` and `mlartifacts/`, `mlflow-files` the folder that MLflow calls `mlruns`. */
export function mlflowExport(asFiles: boolean) {
  return async (job: ExportJob, folder: string): Promise<ExportCounts> => {
    const place: StorePlace = { now: folder, later: job.path };
    using writer: MlflowWriter = asFiles ? new MlflowFilesWriter(place) : new MlflowSqliteWriter(place);
    const notes = await new MlflowExporter(job, writer, asFiles).write();
    return { points: job.pace.points, notes };
  };
}
