import type { Database } from 'better-sqlite3';
import { canonicalJson } from '@atelier/base';
import { digestOf } from './canonical.ts';

const NUMBERS = (table: string, columns: string) =>
  `SELECT k.name, ${columns} FROM ${table} m JOIN metric_keys k ON k.id = m.key_id WHERE m.run_id = ? ORDER BY k.name`;

/**
 * SHA-256 of what an ended run says of itself: settings, environment, status, and its numbers. Name, tags and notes may
 * be changed; ledgers and files have digests of their own.
 */
export function recordDigest(database: Database, runId: number): string {
  const run = database
    .prepare(
      'SELECT project, status, config, environment, engine, dataset_digest, family FROM runs WHERE id = ?',
    )
    .get(runId);
  const parameters = database
    .prepare('SELECT name, kind, number, text FROM parameters WHERE run_id = ? ORDER BY name')
    .all(runId);
  const metrics = database
    .prepare(NUMBERS('latest_metrics', 'm.step, m.last, m.min, m.max, m.count, m.value'))
    .all(runId);
  const summaries = database.prepare(NUMBERS('summaries', 'm.value')).all(runId);
  return digestOf(canonicalJson({ run, parameters, metrics, summaries }));
}
