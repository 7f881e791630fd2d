import type { Database } from 'better-sqlite3';
import { dirname, join } from 'node:path';
import { ImportRunError, openConnection, type CurvePoint } from '@atelier/tracker';
import { z } from 'zod';
import { ImportSourceError } from '../errors.ts';
import { artifactPlaceOf, type ArtifactPlace } from './artifact-place.ts';
import { RUN_TAG } from './names.ts';
import type { FoundRun, MlflowCurve, MlflowReader } from './reader.ts';
import { MlflowExperiment, MlflowRun, type MlflowInput } from './records.ts';

/** Tables whose rows describe what this tracker has no place for, by what they are called. */
const LEFT_BEHIND: readonly (readonly [table: string, what: string])[] = [
  ['registered_models', 'registered models'],
  ['model_versions', 'model versions'],
  ['logged_models', 'logged models'],
  ['trace_info', 'traces'],
  ['evaluation_datasets', 'evaluation datasets'],
  ['assessments', 'assessments'],
  ['scorers', 'scorers'],
];

const REQUIRED = ['experiments', 'runs', 'tags', 'params', 'metrics'];

type Row = Readonly<Record<string, string | number | null>>;

function text(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function number(value: string | number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** MLflow writes an infinity as the largest double. */
function valueOf(value: number, isNan: number): number {
  if (isNan === 1) return NaN;
  return Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Infinity : value;
}

export class MlflowSqliteReader implements MlflowReader {
  readonly experiments: readonly MlflowExperiment[];
  readonly runCount: number;
  readonly leftBehind: readonly string[];
  readonly refused: { name: string; reason: string }[] = [];
  private readonly database: Database;
  private readonly file: string;
  private readonly roots: readonly string[];

  /** `artifactFolders`: where artifacts may be besides `mlruns` and `mlartifacts` beside the file. @throws ImportSourceError where the file is no MLflow store, or one that this reader does not know. */
  constructor(file: string, artifactFolders: readonly string[] = []) {
    this.file = file;
    this.roots = [...['mlruns', 'mlartifacts'].map((name) => join(dirname(file), name)), ...artifactFolders];
    this.database = openConnection(file, { readonly: true, fileMustExist: true });
    const missing = REQUIRED.filter((table) => !this.has(table));
    if (missing.length > 0) {
      this.database.close();
      throw new ImportSourceError(file, `is no MLflow store: it has no table ${missing.join(', ')}`);
    }
    this.experiments = this.readExperiments();
    this.runCount = Number(this.database.prepare('SELECT count(*) FROM runs').pluck().get());
    this.leftBehind = LEFT_BEHIND.flatMap(([table, what]) => {
      const count = this.has(table)
        ? this.database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
        : 0;
      return Number(count) === 0 ? [] : [`${Number(count)} ${what}`];
    });
  }

  *runs(): Generator<FoundRun> {
    const experiments = new Map(this.experiments.map((experiment) => [experiment.id, experiment]));
    const ids = this.database
      .prepare(
        `SELECT run_uuid FROM runs ORDER BY start_time,
           (SELECT CAST(value AS INTEGER) FROM tags WHERE tags.run_uuid = runs.run_uuid AND "key" = ?), run_uuid`,
      )
      .pluck()
      .all(RUN_TAG) as string[];
    for (const uuid of ids) {
      const row = this.rows(
        'SELECT *, CAST(experiment_id AS TEXT) AS experiment FROM runs WHERE run_uuid = ?',
        uuid,
      )[0]!;
      const experiment = experiments.get(String(row['experiment']));
      if (experiment === undefined) continue;
      yield { name: text(row['name']) ?? uuid, experiment, read: () => this.toRun(row) };
    }
  }

  *curves({ uuid }: MlflowRun): Generator<MlflowCurve> {
    const keys = this.database
      .prepare('SELECT DISTINCT "key" FROM metrics WHERE run_uuid = ? ORDER BY "key"')
      .pluck()
      .all(uuid) as string[];
    const read = this.database.prepare<[string, string], { t: number; s: number; v: number; n: number }>(
      `SELECT timestamp AS t, step AS s, value AS v, is_nan AS n FROM metrics
       WHERE run_uuid = ? AND "key" = ? ORDER BY timestamp, step, value`,
    );
    for (const key of keys) {
      const points = read.all(uuid, key).map(({ t, s, v, n }): CurvePoint => ({
        step: s,
        epoch: undefined,
        wallTime: t,
        value: valueOf(v, n),
      }));
      yield { key, points };
    }
  }

  artifacts(run: MlflowRun): ArtifactPlace {
    return artifactPlaceOf(run.artifactUri, dirname(this.file), this.roots);
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  private has(table: string): boolean {
    const find = this.database.prepare(
      "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
    );
    return find.pluck().get(table) === 1;
  }

  private rows(sql: string, ...values: readonly string[]): Row[] {
    return this.database.prepare(sql).all(...values) as Row[];
  }

  /** `key`/`value` rows as a record. */
  private pairs(sql: string, id: string): Record<string, string> {
    return Object.fromEntries(
      this.rows(sql, id).map((row) => [String(row['key']), text(row['value']) ?? '']),
    );
  }

  private readExperiments(): MlflowExperiment[] {
    return this.rows(
      'SELECT *, CAST(experiment_id AS TEXT) AS id FROM experiments ORDER BY experiment_id',
    ).flatMap((row) => this.toExperiment(row));
  }

  private toExperiment(row: Row): MlflowExperiment[] {
    const parsed = MlflowExperiment.safeParse({
      id: String(row['id']),
      name: String(row['name']),
      artifactLocation: text(row['artifact_location']),
      lifecycleStage: text(row['lifecycle_stage']) ?? 'active',
      creationTime: number(row['creation_time']),
      lastUpdateTime: number(row['last_update_time']),
      tags: this.has('experiment_tags')
        ? this.pairs(
            'SELECT "key", value FROM experiment_tags WHERE experiment_id = ? ORDER BY "key"',
            String(row['id']),
          )
        : {},
    });
    if (parsed.success) return [parsed.data];
    this.refused.push({ name: `experiment ${String(row['id'])}`, reason: z.prettifyError(parsed.error) });
    return [];
  }

  private toRun(row: Row): MlflowRun {
    const uuid = String(row['run_uuid']);
    const run: MlflowRun = {
      uuid,
      name: text(row['name']),
      sourceType: text(row['source_type']),
      sourceName: text(row['source_name']),
      entryPointName: text(row['entry_point_name']),
      userId: text(row['user_id']),
      sourceVersion: text(row['source_version']),
      status: text(row['status']) ?? 'RUNNING',
      startTime: number(row['start_time']),
      endTime: number(row['end_time']),
      lifecycleStage: text(row['lifecycle_stage']) ?? 'active',
      deletedTime: number(row['deleted_time']),
      artifactUri: text(row['artifact_uri']),
      params: this.pairs('SELECT "key", value FROM params WHERE run_uuid = ? ORDER BY "key"', uuid),
      tags: this.pairs('SELECT "key", value FROM tags WHERE run_uuid = ? ORDER BY "key"', uuid),
      inputs: this.has('inputs') ? this.readInputs(uuid) : [],
    };
    const { error } = MlflowRun.safeParse(run);
    if (error !== undefined)
      throw new ImportRunError(`a row of runs is none: ${z.prettifyError(error)}`, error);
    return run;
  }

  private readInputs(uuid: string): MlflowInput[] {
    const found = this.rows(
      `SELECT inputs.input_uuid AS input, datasets.* FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id
       WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN' AND inputs.destination_id = ?
       ORDER BY name, digest`,
      uuid,
    );
    return found.map((row) => ({
      name: String(row['name']),
      digest: String(row['digest']),
      sourceType: String(row['dataset_source_type']),
      source: String(row['dataset_source']),
      schema: text(row['dataset_schema']),
      profile: text(row['dataset_profile']),
      tags: this.pairs(
        'SELECT name AS "key", value FROM input_tags WHERE input_uuid = ? ORDER BY name',
        String(row['input']),
      ),
    }));
  }
}
