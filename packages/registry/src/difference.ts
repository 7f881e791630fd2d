import type { Database } from 'better-sqlite3';
import type { ParameterValue, Run, Tracker } from '@atelier/tracker';
import type { ModelVersion, VersionFile } from './schema.ts';
import { readEvents, readEvidence } from './chain.ts';
import { pathText, type Facts } from './facts.ts';
import { findVersion } from './versions.ts';

/** One setting, metric or file that is not the same in both; undefined where one side lacks it. */
export interface Change<T> {
  readonly name: string;
  readonly a: T | undefined;
  readonly b: T | undefined;
}

/** What two versions have not in common. */
export interface VersionDifference {
  readonly a: ModelVersion;
  readonly b: ModelVersion;
  readonly settings: readonly Change<ParameterValue>[];
  readonly metrics: readonly Change<number>[];
  readonly files: readonly Change<VersionFile>[];
  /** Engine, machine, commit and dataset. */
  readonly origin: readonly Change<string>[];
  /** Numbers of the newest frozen evidence in which each was the candidate; empty where one never was promoted. */
  readonly evidence: readonly Change<number>[];
}

function changes<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  same: (a: T | undefined, b: T | undefined) => boolean = Object.is,
): Change<T>[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const value = (of: Readonly<Record<string, T>>, name: string) =>
    Object.hasOwn(of, name) ? of[name] : undefined;
  return names.flatMap((name) => {
    const change = { name, a: value(a, name), b: value(b, name) };
    return same(change.a, change.b) ? [] : [change];
  });
}

function originOf({ environment, datasetDigest }: Run): Record<string, string> {
  const { engine, machine, git, node } = environment;
  return {
    engine: `${engine.name} ${engine.version}, ${engine.threads} thread(s), ${engine.arithmetic ?? engine.precision}`,
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.platform} ${machine.arch}`,
    node,
    ...(git !== undefined && { commit: `${git.commit}${git.dirty ? ' with changes' : ''}` }),
    ...(datasetDigest !== undefined && { dataset: datasetDigest }),
  };
}

function byPath(files: readonly VersionFile[]): Record<string, VersionFile> {
  return Object.fromEntries(files.map((file) => [file.path, file]));
}

function flatten(facts: Facts, names: readonly string[] = []): [name: string, value: number][] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    const path = [...names, name];
    return typeof fact === 'number' ? [[pathText(path), fact] as [string, number]] : flatten(fact, path);
  });
}

/** The facts of a version by itself: differences to an incumbent are left out, for each had another. */
function evidenceOf(
  database: Database,
  { model, version }: ModelVersion,
): Record<string, number> | undefined {
  const event = readEvents(database, { model }).findLast(
    (of) => of.version === version && of.kind === 'promoted',
  );
  const text = event?.evidence === undefined ? undefined : readEvidence(database, event.evidence);
  if (text === undefined) return undefined;
  const { facts } = JSON.parse(text) as { facts: Facts };
  return Object.fromEntries(flatten(facts).filter(([name]) => !/(^|\.)delta\./.test(name)));
}

/** @throws RegistryUnknownError */
export function diffVersions(
  { database, tracker }: { readonly database: Database; readonly tracker: Pick<Tracker, 'getRun'> },
  model: string,
  a: number,
  b: number,
): VersionDifference {
  const [left, right] = [findVersion(database, model, a), findVersion(database, model, b)];
  const [judgedA, judgedB] = [evidenceOf(database, left), evidenceOf(database, right)];
  const [runA, runB] = [tracker.getRun(left.runId), tracker.getRun(right.runId)];
  return {
    a: left,
    b: right,
    settings: changes(runA.parameters, runB.parameters),
    metrics: changes(runA.metrics, runB.metrics),
    files: changes(byPath(left.files), byPath(right.files), (x, y) => x?.sha256 === y?.sha256),
    origin: changes(originOf(runA), originOf(runB)),
    evidence: judgedA === undefined || judgedB === undefined ? [] : changes(judgedA, judgedB),
  };
}
