import type {
  ImportedArtifact,
  ImportedRun,
  JsonObject,
  ParameterValue,
  RunEnvironment,
  RunError,
  RunStatus,
} from '@atelier/tracker';
import { artifactsBelow, type MlflowReader } from './reader.ts';
import {
  AtelierRecord,
  ORIGIN_PATH,
  RECORD_PATH,
  STORE_PATH,
  type MlflowExperiment,
  type MlflowOrigin,
  type MlflowRun,
  type MlflowStoreRecord,
} from './records.ts';

const NOTE_TAG = 'mlflow.note.content';

/** MLflow's texts as what they say: `0.10` is 0.1, `True` is true, `None` is nothing; the text itself is kept too. */
export function typedValue(text: string): ParameterValue {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^(none|null)$/i.test(text)) return null;
  if (!/^-?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  const exact = Number.isFinite(number) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(number));
  return exact ? number : text;
}

/** Dotted names become nested settings where that loses no name: not both `a` and `a.b`. */
export function toConfig(params: Readonly<Record<string, string>>): JsonObject {
  const names = new Set(Object.keys(params));
  const config: JsonObject = {};
  for (const [name, text] of Object.entries(params)) {
    const parts = name.split('.');
    const prefixes = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('.'));
    const splits =
      !parts.includes('') && !parts.includes('__proto__') && !prefixes.some((each) => names.has(each));
    let branch = config;
    const path = splits ? parts : [name];
    for (const part of path.slice(0, -1)) branch = (branch[part] ??= {}) as JsonObject;
    branch[path.at(-1)!] = typedValue(text);
  }
  return config;
}

/** The tags that people see: `key=value`, `key` alone where it has no value; none of MLflow's own. */
export function visibleTags({
  tags,
  lifecycleStage,
}: Pick<MlflowRun, 'tags' | 'lifecycleStage'>): Map<string, string> {
  const visible = new Map<string, string>();
  for (const [key, value] of Object.entries(tags)) {
    if (key.startsWith('mlflow.')) continue;
    const tag = (value === '' ? key : `${key}=${value}`).trim();
    if (tag !== '') visible.set(tag, key);
  }
  if (lifecycleStage === 'deleted') visible.set('deleted in MLflow', '');
  return visible;
}

export function noteOf({ tags }: Pick<MlflowRun, 'tags'>): string | undefined {
  return tags[NOTE_TAG];
}

/** The project that an experiment becomes. */
export function projectOf({ name, id }: MlflowExperiment): string {
  return name.trim() || `experiment ${id}`;
}

function environmentOf({ tags, sourceName, sourceVersion }: MlflowRun): RunEnvironment {
  const commit = tags['mlflow.source.git.commit'] ?? sourceVersion ?? '';
  const branch = tags['mlflow.source.git.branch'] ?? '';
  const command = tags['mlflow.source.name'] ?? sourceName ?? '';
  return {
    ...(commit !== '' && { git: { commit, branch, dirty: false } }),
    machine: { cpu: 'unknown', cores: 1, memoryBytes: 0, platform: 'unknown', arch: 'unknown' },
    node: 'unknown',
    engine: { name: 'mlflow', version: 'unknown', threads: 1, precision: 'unknown' },
    command: command === '' ? [] : [command],
  };
}

interface End {
  readonly status: Exclude<RunStatus, 'RUNNING'>;
  readonly error?: RunError;
}

function endOf({ status }: MlflowRun): End {
  if (status === 'FINISHED') return { status };
  if (status === 'FAILED')
    return { status, error: { code: 'MLFLOW_FAILED', message: 'MLflow keeps no reason' } };
  if (status === 'KILLED') return { status, error: { code: 'KILLED', message: 'MLflow keeps no reason' } };
  const message = `the run was ${status} when it was imported from MLflow`;
  return { status: 'KILLED', error: { code: 'IMPORTED_UNFINISHED', message } };
}

/** The record that an Atelier export left with the run. */
function recordOf(artifacts: readonly ImportedArtifact[]): AtelierRecord | undefined {
  const found = artifacts.find(({ path }) => path === RECORD_PATH);
  if (found === undefined) return undefined;
  try {
    return AtelierRecord.safeParse(JSON.parse(Buffer.from(found.bytes()).toString())).data;
  } catch {
    return undefined;
  }
}

function jsonArtifact(path: string, value: unknown, createdAt: number): ImportedArtifact {
  const bytes = Buffer.from(JSON.stringify(value));
  return { path, mediaType: 'application/json', createdAt, bytes: () => bytes };
}

/** How a run of MLflow's looks here. */
function foreignRun(
  run: MlflowRun,
  experiment: MlflowExperiment,
): Omit<ImportedRun, 'curves' | 'summary' | 'artifacts' | 'ledgers' | 'datasets'> {
  const startedAt = run.startTime ?? run.endTime ?? experiment.creationTime ?? 0;
  const name = run.name?.trim() ?? '';
  return {
    start: {
      project: projectOf(experiment),
      name: name === '' ? run.uuid.slice(0, 8) : name,
      config: toConfig(run.params),
      tags: [...visibleTags(run).keys()],
      notes: noteOf(run),
      environment: environmentOf(run),
    },
    createdAt: startedAt,
    startedAt,
    endedAt: run.endTime ?? startedAt,
    ...endOf(run),
  };
}

/** How a run that Atelier exported looks again; tags and notes are those that MLflow has now. */
function ownRun(record: AtelierRecord, foreign: ReturnType<typeof foreignRun>): typeof foreign {
  if (record.status === 'RUNNING' || record.endedAt === undefined)
    return { ...foreign, start: { ...foreign.start, config: record.config } };
  const {
    project,
    group,
    name,
    config,
    environment,
    datasetDigest,
    createdAt,
    startedAt,
    endedAt,
    status,
    error,
  } = record;
  const { tags, notes } = foreign.start;
  const start = {
    project,
    group,
    name,
    config,
    environment,
    datasetDigest,
    notes,
    tags: (tags ?? []).filter((tag) => !tag.startsWith('atelier.')),
  };
  return { start, createdAt, startedAt, endedAt, status, error };
}

/** A run of an MLflow store, ready to be stored. `store` are the experiments of the store it is from. */
export function fromMlflow(
  reader: MlflowReader,
  { run, experiment }: { run: MlflowRun; experiment: MlflowExperiment },
  project: string | undefined,
): ImportedRun {
  const { folder, elsewhere } = reader.artifacts(run);
  const artifacts = folder === undefined ? [] : [...artifactsBelow(folder)];
  const record = recordOf(artifacts);
  const foreign = foreignRun(run, experiment);
  const base = record === undefined ? foreign : ownRun(record, foreign);
  const origin: MlflowOrigin = {
    version: 1,
    experiment,
    run,
    artifactsImported: !elsewhere,
  };
  const store: MlflowStoreRecord = { version: 1, experiments: [...reader.experiments] };
  const summaryNames = new Map(Object.entries(record?.summary ?? {}));
  const nameOf = (key: string): string => record?.metricNames[key] ?? key;
  const summary: Record<string, number> = {};
  return {
    ...base,
    start: { ...base.start, project: project ?? base.start.project },
    datasets: [],
    *curves() {
      for (const { key, points } of reader.curves(run, experiment)) {
        const whole = summaryNames.get(key);
        if (whole !== undefined) summary[whole] = points.at(-1)!.value;
        else yield { key: nameOf(key), points };
      }
    },
    summary: () => summary,
    *artifacts() {
      yield* artifacts;
      yield jsonArtifact(ORIGIN_PATH, origin, base.createdAt);
      yield jsonArtifact(STORE_PATH, store, base.createdAt);
    },
    ledgers: () => [],
  };
}
