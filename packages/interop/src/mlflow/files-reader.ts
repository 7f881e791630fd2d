import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';

import { z } from 'zod';
import type { CurvePoint } from '@atelier/tracker';
import { ImportSourceError } from '../errors.ts';
import { artifactFolderOf } from './artifact-place.ts';
import { parseYaml } from './yaml-reader.ts';
import { SOURCE_NUMBERS, STATUS_NUMBERS, TRASH } from './files-writer.ts';
import { RUN_TAG } from './names.ts';
import type { MlflowCurve, MlflowReader } from './reader.ts';
import type { MlflowExperiment, MlflowInput, MlflowRun } from './records.ts';

const Text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value == null ? null : String(value)));
const Time = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

const ExperimentMeta = z.object({
  experiment_id: Text,
  name: Text,
  artifact_location: Text,
  lifecycle_stage: z.string().default('active'),
  creation_time: Time,
  last_update_time: Time,
});

const RunMeta = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  run_name: Text,
  name: Text,
  source_type: z.union([z.number(), z.string()]).nullish(),
  source_name: Text,
  entry_point_name: Text,
  user_id: Text,
  source_version: Text,
  status: z.union([z.number(), z.string()]).default(1),
  start_time: Time,
  end_time: Time,
  lifecycle_stage: z.string().default('active'),
  deleted_time: Time,
  artifact_uri: Text,
});

const DatasetMeta = z.object({
  name: z.coerce.string(),
  digest: z.coerce.string(),
  source_type: z.coerce.string(),
  source: z.coerce.string(),
  schema: Text,
  profile: Text,
});
const InputMeta = z.object({
  source_type: z.union([z.string(), z.number()]),
  source_id: z.string(),
  tags: z.record(z.string(), z.coerce.string()).nullish(),
});

function readMeta<T>(folder: string, schema: z.ZodType<T>): T {
  const file = join(folder, 'meta.yaml');
  try {
    return schema.parse(parseYaml(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ImportSourceError(file, `cannot be read: ${reason}`, error);
  }
}

function nameOf(
  numbers: Readonly<Record<string, number>>,
  value: string | number | null | undefined,
): string | null {
  if (value === null || value === undefined || typeof value === 'string') return value ?? null;
  return Object.entries(numbers).find(([, number]) => number === value)?.[0] ?? null;
}

function foldersWithMeta(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'meta.yaml')));
}

/** Files below a folder by their path with slashes: keys of metrics, parameters and tags may hold some. */
function* filesBelow(folder: string, root = folder): Generator<{ key: string; file: string }> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) yield* filesBelow(file, root);
    else yield { key: relative(root, file).split(sep).join('/'), file };
  }
}

function textsBelow(folder: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(filesBelow(folder), ({ key, file }) => [key, readFileSync(file, 'utf8')]),
  );
}

/** The id that one of our own runs had where it was recorded; 0 for others. */
function ownNumber(folder: string): number {
  const file = join(folder, 'tags', RUN_TAG);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0;
}

const PYTHON_NUMBERS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

/** `<timestamp> <value> [<step> [<dataset name> <dataset digest>]]` */
function toPoint(line: string, file: string): CurvePoint {
  const [timestamp, value = '', step = '0'] = line.split(' ');
  const point = {
    step: Number(step),
    epoch: undefined,
    wallTime: Number(timestamp),
    value: PYTHON_NUMBERS[value.toLowerCase()] ?? (value === '' ? undefined : Number(value)),
  };
  if (!Number.isSafeInteger(point.step) || !Number.isFinite(point.wallTime) || point.value === undefined) {
    throw new ImportSourceError(file, `holds a line that is no metric: "${line}"`);
  }
  return { ...point, value: point.value };
}

/** MLflow's file store; runs and experiments that were deleted too. */
export class MlflowFilesReader implements MlflowReader {
  readonly experiments: readonly MlflowExperiment[];
  readonly runCount: number;
  readonly leftBehind: readonly string[];
  private readonly root: string;
  private readonly folders = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
    const live = foldersWithMeta(root).filter((folder) => basename(folder) !== 'models');
    this.experiments = [...live, ...foldersWithMeta(join(root, TRASH))].map((folder) =>
      this.readExperiment(folder),
    );
    this.runCount = this.experiments.reduce((sum, { id }) => sum + this.runFolders(id).length, 0);
    const models = foldersWithMeta(join(root, 'models')).length;
    const logged = this.experiments.reduce((sum, { id }) => {
      return sum + foldersWithMeta(join(this.folders.get(id)!, 'models')).length;
    }, 0);
    this.leftBehind = [
      ...(models === 0 ? [] : [`${models} registered models`]),
      ...(logged === 0 ? [] : [`${logged} logged models`]),
    ];
  }

  /** By the time they began, as they would have been recorded. */
  *runs(): Generator<{ experiment: MlflowExperiment; run: MlflowRun }> {
    const found = this.experiments.flatMap((experiment) =>
      this.runFolders(experiment.id).map((folder) => {
        const startTime = readMeta(folder, RunMeta).start_time ?? 0;
        return { experiment, folder, startTime, number: ownNumber(folder) };
      }),
    );
    found.sort((a, b) => a.startTime - b.startTime || a.number - b.number || (a.folder < b.folder ? -1 : 1));
    for (const { experiment, folder } of found) yield { experiment, run: this.readRun(folder, experiment) };
  }

  *curves({ uuid }: MlflowRun, { id }: MlflowExperiment): Generator<MlflowCurve> {
    for (const { key, file } of filesBelow(join(this.folders.get(id)!, uuid, 'metrics'))) {
      const lines = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '');
      yield { key, points: lines.map((line) => toPoint(line.trim(), file)) };
    }
  }

  artifactFolder(run: MlflowRun, { id }: MlflowExperiment): string | undefined {
    const own = join(this.folders.get(id)!, run.uuid, 'artifacts');
    return artifactFolderOf(run.artifactUri, this.root) ?? (existsSync(own) ? own : undefined);
  }

  [Symbol.dispose](): void {}

  private runFolders(id: string): string[] {
    const reserved = new Set(['datasets', 'models', 'tags', 'traces']);
    return foldersWithMeta(this.folders.get(id)!).filter((folder) => !reserved.has(basename(folder)));
  }

  private readExperiment(folder: string): MlflowExperiment {
    const meta = readMeta(folder, ExperimentMeta);
    const id = meta.experiment_id ?? basename(folder);
    this.folders.set(id, folder);
    return {
      id,
      name: meta.name ?? id,
      artifactLocation: meta.artifact_location,
      lifecycleStage: meta.lifecycle_stage,
      creationTime: meta.creation_time,
      lastUpdateTime: meta.last_update_time,
      tags: textsBelow(join(folder, 'tags')),
    };
  }

  private readRun(folder: string, experiment: MlflowExperiment): MlflowRun {
    const meta = readMeta(folder, RunMeta);
    return {
      uuid: meta.run_id ?? meta.run_uuid ?? basename(folder),
      name: meta.run_name ?? meta.name,
      sourceType: nameOf(SOURCE_NUMBERS, meta.source_type),
      sourceName: meta.source_name,
      entryPointName: meta.entry_point_name,
      userId: meta.user_id,
      sourceVersion: meta.source_version,
      status: nameOf(STATUS_NUMBERS, meta.status) ?? 'RUNNING',
      startTime: meta.start_time,
      endTime: meta.end_time,
      lifecycleStage: meta.lifecycle_stage,
      deletedTime: meta.deleted_time,
      artifactUri: meta.artifact_uri,
      params: textsBelow(join(folder, 'params')),
      tags: textsBelow(join(folder, 'tags')),
      inputs: this.readInputs(folder, experiment),
    };
  }

  private readInputs(folder: string, { id }: MlflowExperiment): MlflowInput[] {
    return foldersWithMeta(join(folder, 'inputs')).flatMap((path) => {
      const input = readMeta(path, InputMeta);
      const dataset = join(this.folders.get(id)!, 'datasets', input.source_id);
      if (input.source_type !== 'DATASET' || !existsSync(dataset)) return [];
      const {
        name,
        digest,
        source_type: sourceType,
        source,
        schema,
        profile,
      } = readMeta(dataset, DatasetMeta);
      return [{ name, digest, sourceType, source, schema, profile, tags: input.tags ?? {} }];
    });
  }
}
