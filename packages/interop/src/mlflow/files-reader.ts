import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ImportRunError, pathFault, type CurvePoint } from '@atelier/tracker';
import { artifactPlaceOf, type ArtifactPlace } from './artifact-place.ts';
import { parseYaml } from './yaml-reader.ts';
import { SOURCE_NUMBERS, STATUS_NUMBERS, TRASH } from './files-writer.ts';
import { RUN_TAG } from './names.ts';
import type { FoundRun, MlflowCurve, MlflowReader } from './reader.ts';
import { MlflowExperiment, MlflowRun, type MlflowInput } from './records.ts';
import {
  filesBelow,
  isFile,
  isFolder,
  LONGEST_HISTORY,
  LONGEST_META,
  LONGEST_TEXT,
  readStoreFile,
} from './store-files.ts';

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

/** @throws ImportRunError */
function checked<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImportRunError) throw error;
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ImportRunError(`${file} cannot be read: ${reason}`, error);
  }
}

const readText = (file: string): string => readStoreFile(file, LONGEST_TEXT).toString('utf8');

function readMeta<T>(folder: string, schema: z.ZodType<T>): T {
  const file = join(folder, 'meta.yaml');
  return checked(file, () => schema.parse(parseYaml(readStoreFile(file, LONGEST_META).toString('utf8'))));
}

function nameOf(
  numbers: Readonly<Record<string, number>>,
  value: string | number | null | undefined,
): string | null {
  if (value === null || value === undefined || typeof value === 'string') return value ?? null;
  return Object.entries(numbers).find(([, number]) => number === value)?.[0] ?? null;
}

function foldersWithMeta(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => isFolder(path) && isFile(join(path, 'meta.yaml')));
}

/** Keys of metrics, parameters and tags may hold slashes. */
function textsBelow(folder: string): Record<string, string> {
  return Object.fromEntries(Array.from(filesBelow(folder), ({ path, file }) => [path, readText(file)]));
}

/** The id that one of our own runs had where it was recorded; 0 for others. */
function ownNumber(folder: string): number {
  const file = join(folder, 'tags', RUN_TAG);
  return isFile(file) ? Number(readText(file)) || 0 : 0;
}

const PYTHON_NUMBERS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** `<timestamp> <value> [<step> [<dataset name> <dataset digest>]]` @throws ImportRunError */
function toPoint(line: string, file: string): CurvePoint {
  const [timestamp = '', value = '', step = '0'] = line.split(' ');
  const number = PYTHON_NUMBERS[value.toLowerCase()] ?? (NUMBER.test(value) ? Number(value) : undefined);
  const point = { step: Number(step), epoch: undefined, wallTime: Number(timestamp) };
  if (number === undefined || !/^\d+$/.test(timestamp) || !/^-?\d+$/.test(step)) {
    throw new ImportRunError(`${file} holds a line that is no metric: ${JSON.stringify(line.slice(0, 200))}`);
  }
  return { ...point, value: number };
}

/** What the order of runs needs of one; it may be damaged. */
function placeInTime(folder: string): { startTime: number; number: number } {
  try {
    return { startTime: readMeta(folder, RunMeta).start_time ?? 0, number: ownNumber(folder) };
  } catch {
    return { startTime: 0, number: 0 };
  }
}

/** MLflow's file store; runs and experiments that were deleted too. */
export class MlflowFilesReader implements MlflowReader {
  readonly experiments: readonly MlflowExperiment[];
  readonly runCount: number;
  readonly leftBehind: readonly string[];
  readonly refused: { name: string; reason: string }[] = [];
  private readonly root: string;
  private readonly roots: readonly string[];
  private readonly folders = new Map<string, string>();
  /** Of the runs that were read, by experiment and id. */
  private readonly runPaths = new WeakMap<MlflowRun, string>();

  /** `artifactFolders`: where artifacts may be besides the store itself. */
  constructor(root: string, artifactFolders: readonly string[] = []) {
    this.root = root;
    this.roots = [root, ...artifactFolders];
    const live = foldersWithMeta(root).filter((folder) => basename(folder) !== 'models');
    this.experiments = [...live, ...foldersWithMeta(join(root, TRASH))].flatMap((folder) => {
      try {
        return [this.readExperiment(folder)];
      } catch (error) {
        this.refused.push({ name: `experiment ${basename(folder)}`, reason: (error as Error).message });
        return [];
      }
    });
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
  *runs(): Generator<FoundRun> {
    const found = this.experiments.flatMap((experiment) =>
      this.runFolders(experiment.id).map((folder) => ({ experiment, folder, ...placeInTime(folder) })),
    );
    found.sort((a, b) => a.startTime - b.startTime || a.number - b.number || (a.folder < b.folder ? -1 : 1));
    for (const { experiment, folder } of found) {
      yield { name: basename(folder), experiment, read: () => this.readRun(folder, experiment) };
    }
  }

  *curves(run: MlflowRun): Generator<MlflowCurve> {
    for (const { path, file } of filesBelow(join(this.runPaths.get(run)!, 'metrics'))) {
      const text = readStoreFile(file, LONGEST_HISTORY).toString('utf8');
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      yield { key: path, points: lines.map((line) => toPoint(line.trim(), file)) };
    }
  }

  artifacts(run: MlflowRun): ArtifactPlace {
    const place = artifactPlaceOf(run.artifactUri, this.root, this.roots);
    const own = join(this.runPaths.get(run)!, 'artifacts');
    return place.folder === undefined && isFolder(own) ? { folder: own, elsewhere: false } : place;
  }

  [Symbol.dispose](): void {}

  private runFolders(id: string): string[] {
    const reserved = new Set(['datasets', 'models', 'tags', 'traces']);
    return foldersWithMeta(this.folders.get(id)!).filter((folder) => !reserved.has(basename(folder)));
  }

  private readExperiment(folder: string): MlflowExperiment {
    const meta = readMeta(folder, ExperimentMeta);
    const id = meta.experiment_id ?? basename(folder);
    const experiment = checked(folder, () =>
      MlflowExperiment.parse({
        id,
        name: meta.name ?? id,
        artifactLocation: meta.artifact_location,
        lifecycleStage: meta.lifecycle_stage,
        creationTime: meta.creation_time,
        lastUpdateTime: meta.last_update_time,
        tags: textsBelow(join(folder, 'tags')),
      }),
    );
    this.folders.set(id, folder);
    return experiment;
  }

  private readRun(folder: string, experiment: MlflowExperiment): MlflowRun {
    const meta = readMeta(folder, RunMeta);
    const run: MlflowRun = {
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
    checked(folder, () => MlflowRun.parse(run));
    this.runPaths.set(run, folder);
    return run;
  }

  private readInputs(folder: string, { id }: MlflowExperiment): MlflowInput[] {
    return foldersWithMeta(join(folder, 'inputs')).flatMap((path) => {
      const input = readMeta(path, InputMeta);
      const fault = pathFault(input.source_id);
      const dataset = join(this.folders.get(id)!, 'datasets', input.source_id);
      if (input.source_type !== 'DATASET' || fault !== undefined || !isFile(join(dataset, 'meta.yaml')))
        return [];
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
