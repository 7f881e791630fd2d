import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OutputFile } from '../output-file.ts';
import { MlflowNames } from './names.ts';
import type { MlflowExperiment, MlflowInput, MlflowRun } from './records.ts';
import type { StorePlace } from './sqlite-writer.ts';
import type { MlflowMetric, MlflowWriter } from './writer.ts';
import { toYamlLines } from './yaml-lines.ts';

/** MLflow's numbers for these (service.proto; entities/source_type.py). */
export const STATUS_NUMBERS: Readonly<Record<string, number>> = {
  RUNNING: 1,
  SCHEDULED: 2,
  FINISHED: 3,
  FAILED: 4,
  KILLED: 5,
};
export const SOURCE_NUMBERS: Readonly<Record<string, number>> = {
  NOTEBOOK: 1,
  JOB: 2,
  PROJECT: 3,
  LOCAL: 4,
  UNKNOWN: 1000,
};
export const TRASH = '.trash';

/** As Python prints a float: MLflow reads it back with `float()`. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** MLflow's ids of datasets and inputs, so that it finds these again when it logs the same one. */
function md5(...parts: readonly string[]): string {
  return createHash('md5').update(parts.join('')).digest('hex');
}

/** MLflow's file store (`mlruns`): a folder an experiment, in it a folder a run, in it a file a metric. */
export class MlflowFilesWriter implements MlflowWriter {
  readonly repeated = 0;
  private readonly place: StorePlace;
  /** Experiments by id: their folders below the store's. */
  private readonly folders = new Map<string, string>();
  private runPath = '';
  private metricKey = '';
  private metricFile: OutputFile | undefined;

  constructor(place: StorePlace) {
    this.place = place;
    mkdirSync(join(place.now, TRASH));
  }

  experiment({ id, name, lifecycleStage, creationTime, lastUpdateTime, tags }: MlflowExperiment): void {
    const folder = lifecycleStage === 'deleted' ? join(TRASH, id) : id;
    this.folders.set(id, folder);
    const meta = toYamlLines({
      artifact_location: this.uriOf(id),
      creation_time: creationTime,
      experiment_id: id,
      last_update_time: lastUpdateTime,
      lifecycle_stage: lifecycleStage,
      name,
    });
    this.write(join(folder, 'meta.yaml'), meta);
    const names = new MlflowNames(true);
    for (const [key, value] of Object.entries(tags)) this.write(join(folder, 'tags', names.of(key)), value);
  }

  run(run: MlflowRun, experimentId: string): void {
    const folder = this.folders.get(experimentId)!;
    this.runPath = join(folder, run.uuid);
    this.write(join(this.runPath, 'meta.yaml'), this.metaOf(run, experimentId));
    for (const kind of ['artifacts', 'metrics', 'params', 'tags']) {
      mkdirSync(join(this.place.now, this.runPath, kind), { recursive: true });
    }
    for (const [key, value] of Object.entries(run.params))
      this.write(join(this.runPath, 'params', key), value);
    for (const [key, value] of Object.entries(run.tags)) this.write(join(this.runPath, 'tags', key), value);
    for (const input of run.inputs) this.input(input, folder);
  }

  metrics(key: string, values: readonly MlflowMetric[]): void {
    if (key !== this.metricKey) {
      this.endRun();
      const path = join(this.place.now, this.runPath, 'metrics', key);
      mkdirSync(dirname(path), { recursive: true });
      this.metricFile = new OutputFile(path);
      this.metricKey = key;
    }
    for (const { timestamp, value, step } of values) {
      this.metricFile!.text(`${timestamp} ${pythonFloat(value)} ${step}\n`);
    }
  }

  artifact(path: string, bytes: Uint8Array): void {
    this.write(join(this.runPath, 'artifacts', path), bytes);
  }

  endRun(): void {
    this.metricFile?.end();
    this.metricFile = undefined;
    this.metricKey = '';
  }

  end(): void {
    this.endRun();
  }

  [Symbol.dispose](): void {
    this.metricFile?.[Symbol.dispose]();
  }

  private metaOf(run: MlflowRun, experimentId: string): string {
    return toYamlLines({
      artifact_uri: run.artifactUri ?? this.uriOf(experimentId, run.uuid, 'artifacts'),
      ...(run.deletedTime !== null && { deleted_time: run.deletedTime }),
      end_time: run.endTime,
      entry_point_name: run.entryPointName ?? '',
      experiment_id: experimentId,
      lifecycle_stage: run.lifecycleStage,
      run_id: run.uuid,
      run_name: run.name,
      run_uuid: run.uuid,
      source_name: run.sourceName ?? '',
      source_type: SOURCE_NUMBERS[run.sourceType ?? 'UNKNOWN'] ?? SOURCE_NUMBERS['UNKNOWN']!,
      source_version: run.sourceVersion ?? '',
      start_time: run.startTime,
      status: STATUS_NUMBERS[run.status] ?? STATUS_NUMBERS['RUNNING']!,
      tags: [],
      user_id: run.userId,
    });
  }

  private input(
    { name, digest, sourceType, source, schema, profile, tags }: MlflowInput,
    folder: string,
  ): void {
    const id = md5(name, digest);
    const dataset = toYamlLines({ digest, name, profile, schema, source, source_type: sourceType });
    this.write(join(folder, 'datasets', id, 'meta.yaml'), dataset);
    const run = this.runPath.slice(-32);
    const head = toYamlLines({
      destination_id: run,
      destination_type: 'RUN',
      source_id: id,
      source_type: 'DATASET',
    });
    const pairs = Object.entries(tags).map(
      ([key, value]) => `  ${toYamlLines({ [JSON.stringify(key)]: value })}`,
    );
    const tail = pairs.length === 0 ? 'tags: {}\n' : `tags:\n${pairs.join('')}`;
    this.write(join(this.runPath, 'inputs', md5(id, run), 'meta.yaml'), head + tail);
  }

  private write(path: string, content: string | Uint8Array): void {
    const file = join(this.place.now, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  private uriOf(...parts: readonly string[]): string {
    return pathToFileURL(join(this.place.later, ...parts)).href;
  }
}
