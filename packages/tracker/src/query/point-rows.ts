import type { Database } from 'better-sqlite3';
import { decodePoints } from '../store/blocks.ts';

const CHUNKS = `
  SELECT data FROM curve_chunks WHERE level = 0 AND run_id = ? AND key_id = (SELECT id FROM metric_keys WHERE name = ?)
  ORDER BY number`;

/** The points of one curve as rows for SQL: seq, step, epoch, wall_time, value. NaN is NULL there. */
export function* pointRows(
  database: Database,
  runId: number,
  metric: string,
): Generator<[seq: number, step: number, epoch: number | null, wallTime: number, value: number | null]> {
  const chunks = database.prepare<[number, string], Buffer>(CHUNKS).pluck().all(runId, metric) as Buffer[];
  for (const chunk of chunks) {
    const { seq, step, epoch, wallTime, value } = decodePoints(chunk);
    for (let at = 0; at < seq.length; at++) {
      const [e, v] = [epoch[at]!, value[at]!];
      yield [seq[at]!, step[at]!, Number.isNaN(e) ? null : e, wallTime[at]!, Number.isNaN(v) ? null : v];
    }
  }
}
