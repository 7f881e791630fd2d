import type { Run, RunStatus, Tracker } from '@atelier/tracker';
import { identityOf } from '../run-identity.ts';
import { noteOf, projectOf, visibleTags } from './import-mlflow.ts';
import {
  MlflowOrigin,
  ORIGIN_PATH,
  type AtelierRecord,
  type MlflowExperiment,
  type MlflowInput,
  type MlflowRun,
} from './records.ts';
import { MlflowNames, RUN_TAG } from './names.ts';

/** MLflow knows no pruned runs. */
const STATUSES: Readonly<Record<RunStatus, string>> = {
  RUNNING: 'RUNNING',
  FINISHED: 'FINISHED',
  FAILED: 'FAILED',
  KILLED: 'KILLED',
  PRUNED: 'KILLED',
};

/** Parses an artifact of JSON; undefined where the run has none. */
export function readJson(tracker: Tracker, run: Run, path: string): unknown {
  if (!run.artifacts.some((artifact) => artifact.path === path)) return undefined;
  return JSON.parse(Buffer.from(tracker.readArtifact(run.id, path)).toString());
}

export function originOf(tracker: Tracker, run: Run): MlflowOrigin | undefined {
  return MlflowOrigin.safeParse(readJson(tracker, run, ORIGIN_PATH)).data;
}

function gitTags({ environment: { git } }: Run): Record<string, string> {
  if (git === undefined) return {};
  return { 'mlflow.source.git.commit': git.commit, 'mlflow.source.git.branch': git.branch };
}

/** `a=b` is the tag `a` with the value `b`, another one a tag without a value. */
function tagPair(tag: string): [key: string, value: string] {
  const at = tag.indexOf('=');
  return at < 1 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)];
}

function ownTags(run: Run, names: MlflowNames): Record<string, string> {
  const { environment, notes, status, error, group } = run;
  const pairs = run.tags.map(tagPair).map(([key, value]) => [names.of(key), value]);
  return {
    ...Object.fromEntries(pairs),
    'mlflow.runName': run.name,
    'mlflow.user': 'atelier',
    'mlflow.source.name': environment.command.join(' '),
    'mlflow.source.type': 'LOCAL',
    ...gitTags(run),
    ...(notes !== undefined && { 'mlflow.note.content': notes }),
    [RUN_TAG]: String(run.id),
    'atelier.status': status,
    'atelier.engine': `${environment.engine.name} ${environment.engine.version}`,
    'atelier.cpu': environment.machine.cpu,
    ...(group !== undefined && { 'atelier.group': group }),
    ...(error !== undefined && { 'atelier.error': `${error.code}: ${error.message}` }),
  };
}

/** MLflow keeps 36 characters of a digest. */
function ownInputs(tracker: Tracker, { datasetDigest: digest }: Run): MlflowInput[] {
  const dataset = digest === undefined ? undefined : tracker.dataset(digest);
  if (dataset === undefined || digest === undefined) return [];
  const { name, classNames, image, splits } = dataset;
  const sizes = Object.entries(splits).map(([split, { labels }]) => [split, labels.length]);
  return [
    {
      name,
      digest: digest.slice(0, 36),
      sourceType: 'atelier',
      source: JSON.stringify({ digest }),
      schema: JSON.stringify({ image, classNames }),
      profile: JSON.stringify({ samples: Object.fromEntries(sizes) }),
      tags: { 'mlflow.data.context': 'training' },
    },
  ];
}

function ownRun(tracker: Tracker, run: Run, asFiles: boolean): MlflowRun {
  const params = new MlflowNames(asFiles);
  const { environment, startedAt, endedAt, status } = run;
  return {
    uuid: identityOf(run).slice(0, 32),
    name: run.name,
    sourceType: 'LOCAL',
    sourceName: environment.command.join(' '),
    entryPointName: '',
    userId: 'atelier',
    sourceVersion: environment.git?.commit ?? '',
    status: STATUSES[status],
    startTime: startedAt,
    endTime: endedAt ?? null,
    lifecycleStage: 'active',
    deletedTime: null,
    artifactUri: null,
    params: Object.fromEntries(
      Object.entries(run.parameters).map(([name, value]) => [params.of(name), String(value)]),
    ),
    tags: ownTags(run, new MlflowNames(asFiles)),
    inputs: ownInputs(tracker, run),
  };
}

/** What came, with the tags and notes that were changed since. */
function returnedRun({ run: came, artifactsImported }: MlflowOrigin, run: Run, asFiles: boolean): MlflowRun {
  const names = new MlflowNames(asFiles);
  const before = visibleTags(came);
  const named = (texts: Readonly<Record<string, string>>, by: MlflowNames): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([key, value]) => [by.of(key), value]));
  const tags = named(came.tags, names);
  for (const [tag, key] of before) if (!run.tags.includes(tag)) delete tags[names.of(key)];
  for (const [key, value] of run.tags.filter((tag) => !before.has(tag)).map(tagPair))
    tags[names.of(key)] = value;
  if (run.notes !== noteOf(came)) {
    if (run.notes === undefined) delete tags['mlflow.note.content'];
    else tags['mlflow.note.content'] = run.notes;
  }
  return {
    ...came,
    tags,
    params: named(came.params, new MlflowNames(asFiles)),
    artifactUri: artifactsImported ? null : came.artifactUri,
  };
}

/** The experiment a run came from; undefined where its project decides. */
export function experimentOf(tracker: Tracker, run: Run): MlflowExperiment | undefined {
  const experiment = originOf(tracker, run)?.experiment;
  return experiment !== undefined && projectOf(experiment) === run.project ? experiment : undefined;
}

export interface MlflowExport {
  readonly run: MlflowRun;
  /** Of a run that is our own: what MLflow has no place for. */
  readonly record: Omit<AtelierRecord, 'metricNames' | 'summary'> | undefined;
}

/** A run as MLflow has it; one that came from there as it came. */
export function toMlflow(tracker: Tracker, run: Run, asFiles: boolean): MlflowExport {
  const origin = originOf(tracker, run);
  if (origin !== undefined) {
    return { run: returnedRun(origin, run, asFiles), record: undefined };
  }
  const { project, group, name, status, createdAt, startedAt, endedAt, config, environment } = run;
  const { tags, notes, datasetDigest, error } = run;
  const known = { group, endedAt, notes, datasetDigest, error };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const record = {
    project,
    name,
    status,
    createdAt,
    startedAt,
    config,
    environment,
    tags: [...tags],
    ...given,
  };
  return { run: ownRun(tracker, run, asFiles), record: { version: 1, ...record } };
}
