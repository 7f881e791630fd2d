import type { Database } from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openConnection } from '@atelier/tracker';
import type { MlflowExperiment, MlflowInput, MlflowRun } from './records.ts';
import { INDEXES, REVISION, TABLES } from './schema.ts';
import { isLater, storedValue, type MlflowMetric, type MlflowWriter } from './writer.ts';

export const DATABASE_NAME = 'mlflow.db';
export const ARTIFACTS_NAME = 'mlartifacts';

/** 32 hex digits that depend on nothing but the parts. */
export function stableId(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** A place for the database in hand, and the one it will have. */
export interface StorePlace {
  readonly now: string;
  readonly later: string;
}

/** MLflow's SQLite store: `mlflow.db` and `mlartifacts/` in a folder. */
export class MlflowSqliteWriter implements MlflowWriter {
  repeated = 0;
  private readonly database: Database;
  private readonly place: StorePlace;
  private runId = '';
  private experimentId = '';
  private latestKey = '';
  private latest: MlflowMetric | undefined;

  constructor(place: StorePlace) {
    this.place = place;
    this.database = openConnection(join(place.now, DATABASE_NAME));
    // a crash leaves nothing of the export anyway
    this.database.pragma('journal_mode = OFF');
    this.database.pragma('synchronous = OFF');
    this.database.exec('BEGIN');
    for (const sql of TABLES) this.database.exec(sql);
    this.run_('INSERT INTO alembic_version VALUES (?)', REVISION);
  }

  experiment(experiment: MlflowExperiment): void {
    const { id, name, lifecycleStage, creationTime, lastUpdateTime, tags } = experiment;
    const location = this.uriOf(id);
    const values = [id, name, location, lifecycleStage, creationTime, lastUpdateTime];
    this.run_('INSERT INTO experiments VALUES (?, ?, ?, ?, ?, ?)', ...values);
    for (const [key, value] of Object.entries(tags)) {
      this.run_('INSERT INTO experiment_tags VALUES (?, ?, ?)', key, value, id);
    }
  }

  run(run: MlflowRun, experimentId: string): void {
    this.runId = run.uuid;
    this.experimentId = experimentId;
    this.run_(
      'INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      run.uuid,
      run.name,
      run.sourceType,
      run.sourceName,
      run.entryPointName,
      run.userId,
      run.status,
      run.startTime,
      run.endTime,
      run.sourceVersion,
      run.lifecycleStage,
      run.artifactUri ?? this.uriOf(experimentId, run.uuid, 'artifacts'),
      experimentId,
      run.deletedTime,
    );
    for (const [key, value] of Object.entries(run.params)) {
      this.run_('INSERT INTO params VALUES (?, ?, ?)', key, value, run.uuid);
    }
    for (const [key, value] of Object.entries(run.tags)) {
      this.run_('INSERT INTO tags VALUES (?, ?, ?)', key, value, run.uuid);
    }
    for (const input of run.inputs) this.input(input, experimentId);
  }

  metrics(key: string, values: readonly MlflowMetric[]): void {
    if (key !== this.latestKey) this.storeLatest();
    this.latestKey = key;
    const insert = this.database.prepare('INSERT OR IGNORE INTO metrics VALUES (?, ?, ?, ?, ?, ?)');
    for (const metric of values) {
      const { timestamp, step, value } = metric;
      const nan = Number.isNaN(value) ? 1 : 0;
      const { changes } = insert.run(key, storedValue(value), timestamp, this.runId, step, nan);
      if (changes === 0) this.repeated++;
      if (this.latest === undefined || isLater(metric, this.latest)) this.latest = metric;
    }
  }

  artifact(path: string, bytes: Uint8Array): void {
    const file = join(this.place.now, ARTIFACTS_NAME, this.experimentId, this.runId, 'artifacts', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }

  endRun(): void {
    this.storeLatest();
  }

  end(): void {
    for (const sql of INDEXES) this.database.exec(sql);
    this.database.exec('COMMIT');
    this.database.close();
  }

  [Symbol.dispose](): void {
    if (this.database.open) this.database.close();
  }

  private storeLatest(): void {
    const { latest } = this;
    this.latest = undefined;
    if (latest === undefined) return;
    const { timestamp, step, value } = latest;
    const values = [this.latestKey, storedValue(value), timestamp, step, Number.isNaN(value) ? 1 : 0];
    this.run_('INSERT INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)', ...values, this.runId);
    this.latestKey = '';
  }

  private input(input: MlflowInput, experimentId: string): void {
    const { name, digest, sourceType, source, schema, profile, tags } = input;
    const dataset = stableId(experimentId, name, digest);
    const id = stableId(dataset, this.runId);
    const values = [dataset, experimentId, name, digest, sourceType, source, schema, profile];
    this.run_('INSERT OR IGNORE INTO datasets VALUES (?, ?, ?, ?, ?, ?, ?, ?)', ...values);
    this.run_(
      'INSERT OR IGNORE INTO inputs VALUES (?, ?, ?, ?, ?)',
      id,
      'DATASET',
      dataset,
      'RUN',
      this.runId,
    );
    for (const [key, value] of Object.entries(tags)) {
      this.run_('INSERT OR IGNORE INTO input_tags VALUES (?, ?, ?)', id, key, value);
    }
  }

  private uriOf(...parts: readonly string[]): string {
    return pathToFileURL(join(this.place.later, ARTIFACTS_NAME, ...parts)).href;
  }

  private run_(sql: string, ...values: readonly (string | number | null)[]): void {
    this.database.prepare(sql).run(...values);
  }
}
