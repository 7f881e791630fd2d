import type { Database } from 'better-sqlite3';
import { decodePoints } from './blocks.ts';

/** Every point of one curve in the order they were logged, as columns: for sums over long curves. */
export interface CurveValues {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

const CHUNKS = `
  SELECT data FROM curve_chunks WHERE run_id = ? AND level = 0
    AND key_id = (SELECT id FROM metric_keys WHERE name = ?) ORDER BY number`;

/** Undefined where the run has no such curve. Makes no object for each point, as reading them one by one does. */
export function readCurveValues(database: Database, runId: number, key: string): CurveValues | undefined {
  const chunks = database.prepare<[number, string], { data: Buffer }>(CHUNKS).all(runId, key);
  if (chunks.length === 0) return undefined;
  const parts = chunks.map(({ data }) => decodePoints(data));
  const count = parts.reduce((sum, { step }) => sum + step.length, 0);
  const [steps, values] = [new Float64Array(count), new Float64Array(count)];
  let at = 0;
  for (const part of parts) {
    steps.set(part.step, at);
    values.set(part.value, at);
    at += part.step.length;
  }
  return { steps, values };
}
