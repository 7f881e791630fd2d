import type { Database } from 'better-sqlite3';
import { openConnection } from '@atelier/tracker';
import { LIBRARY_VERSION, REVISION, SCHEMA_VERSION, TABLES } from './schema.ts';

export type OptunaState = 'WAITING' | 'RUNNING' | 'COMPLETE' | 'PRUNED' | 'FAIL';

export interface OptunaTrial {
  readonly number: number;
  readonly state: OptunaState;
  /** Epoch milliseconds. */
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** Optuna's clock is the local one, without a zone. */
function localTime(at: number | undefined): string | null {
  if (at === undefined) return null;
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return `${shifted.toISOString().slice(0, -1).replace('T', ' ')}000`;
}

function typed(value: number): [number | null, string] {
  if (Number.isNaN(value)) return [null, 'NAN'];
  if (Number.isFinite(value)) return [value, 'FINITE'];
  return [null, value > 0 ? 'INF_POS' : 'INF_NEG'];
}

/** Optuna's storage in one SQLite file. */
export class OptunaWriter implements Disposable {
  private readonly database: Database;

  constructor(file: string) {
    this.database = openConnection(file);
    // a crash leaves nothing of the export anyway
    this.database.pragma('journal_mode = OFF');
    this.database.pragma('synchronous = OFF');
    this.database.exec('BEGIN');
    for (const sql of TABLES) this.database.exec(sql);
    this.insert('INSERT INTO version_info VALUES (1, ?, ?)', SCHEMA_VERSION, LIBRARY_VERSION);
    this.insert('INSERT INTO alembic_version VALUES (?)', REVISION);
  }

  /** @returns the study's id. */
  study(name: string, directions: readonly ('maximize' | 'minimize')[]): number {
    const id = this.insert('INSERT INTO studies (study_name) VALUES (?)', name);
    for (const [objective, direction] of directions.entries()) {
      const sql = 'INSERT INTO study_directions (direction, study_id, objective) VALUES (?, ?, ?)';
      this.insert(sql, direction.toUpperCase(), id, objective);
    }
    return id;
  }

  attribute(of: 'study' | 'trial', kind: 'user' | 'system', id: number, key: string, value: unknown): void {
    const sql = `INSERT INTO ${of}_${kind}_attributes (${of}_id, "key", value_json) VALUES (?, ?, ?)`;
    this.insert(sql, id, key, JSON.stringify(value));
  }

  /** @returns the trial's id. */
  trial(studyId: number, { number, state, start, end }: OptunaTrial): number {
    return this.insert(
      'INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) VALUES (?, ?, ?, ?, ?)',
      number,
      studyId,
      state,
      localTime(start),
      localTime(end),
    );
  }

  parameter(trialId: number, name: string, value: number, distribution: string): void {
    const sql =
      'INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)';
    this.insert(sql, trialId, name, value, distribution);
  }

  value(trialId: number, objective: number, value: number): void {
    const sql = 'INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)';
    this.insert(sql, trialId, objective, ...typed(value));
  }

  report(trialId: number, step: number, value: number): void {
    const sql = `INSERT INTO trial_intermediate_values
      (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)`;
    this.insert(sql, trialId, step, ...typed(value));
  }

  end(): void {
    this.database.exec('COMMIT');
    this.database.close();
  }

  [Symbol.dispose](): void {
    if (this.database.open) this.database.close();
  }

  private insert(sql: string, ...values: readonly unknown[]): number {
    return Number(this.database.prepare(sql).run(...values).lastInsertRowid);
  }
}
