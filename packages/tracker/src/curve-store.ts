import type { Database, Statement } from 'better-sqlite3';
import type { PointBuffer } from './point-buffer.ts';
import type { Curve, CurvePoint } from './schema.ts';

/** SQLite has no NaN and turns it into NULL; columns that hold values hold NULL for nothing else. */
export function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

export function nanFromNull(value: number | null): number {
  return value ?? NaN;
}

interface Latest {
  at: number;
  min: number;
  max: number;
  count: number;
}

/** The last point and the extremes (NaN apart) of each key in the buffer. */
function summarize(buffer: PointBuffer): Map<number, Latest> {
  const latest = new Map<number, Latest>();
  for (let at = 0; at < buffer.length; at++) {
    const key = buffer.keyAt(at);
    const value = buffer.valueAt(at);
    let entry = latest.get(key);
    if (entry === undefined) latest.set(key, (entry = { at, min: Infinity, max: -Infinity, count: 0 }));
    entry.at = at;
    entry.count++;
    if (value < entry.min) entry.min = value;
    if (value > entry.max) entry.max = value;
  }
  return latest;
}

const INSERT_POINT = `
  INSERT INTO points (run_id, key_id, seq, step, epoch, wall_time, value) VALUES (?, ?, ?, ?, ?, ?, ?)`;

const UPDATE_LATEST = `
  INSERT INTO latest_metrics (run_id, key_id, seq, step, epoch, wall_time, last, min, max, count)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run_id, key_id) DO UPDATE SET
    seq = excluded.seq, step = excluded.step, epoch = excluded.epoch, wall_time = excluded.wall_time,
    last = excluded.last, min = min(coalesce(min, excluded.min), coalesce(excluded.min, min)),
    max = max(coalesce(max, excluded.max), coalesce(excluded.max, max)), count = count + excluded.count`;

/** Writes metric names and points. Must run inside the caller's transaction where several writes belong together. */
export class CurveWriter {
  private readonly insertKey: Statement;
  private readonly findKey: Statement;
  private readonly insertPoint: Statement;
  private readonly updateLatest: Statement;

  constructor(database: Database) {
    this.insertKey = database.prepare('INSERT INTO metric_keys (name) VALUES (?) ON CONFLICT DO NOTHING');
    this.findKey = database.prepare('SELECT id FROM metric_keys WHERE name = ?').pluck();
    this.insertPoint = database.prepare(INSERT_POINT);
    this.updateLatest = database.prepare(UPDATE_LATEST);
  }

  /** The id of a metric name, made where it is new. */
  keyId(name: string): number {
    const known = this.findKey.get(name);
    if (known !== undefined) return Number(known);
    return Number(this.insertKey.run(name).lastInsertRowid);
  }

  /** Stores all points of the buffer; the first gets `firstSeq`. `keyIds` maps the buffer's keys to stored ids. */
  writePoints(runId: number, buffer: PointBuffer, keyIds: readonly number[], firstSeq: number): void {
    for (let at = 0; at < buffer.length; at++) {
      this.insertPoint.run(
        runId,
        keyIds[buffer.keyAt(at)],
        firstSeq + at,
        buffer.stepAt(at),
        numberOrNull(buffer.epochAt(at)),
        buffer.wallTimeAt(at),
        numberOrNull(buffer.valueAt(at)),
      );
    }
    for (const [key, { at, min, max, count }] of summarize(buffer)) {
      // min > max: there was nothing but NaN
      const extremes = min > max ? [null, null] : [min, max];
      this.updateLatest.run(
        runId,
        keyIds[key],
        firstSeq + at,
        buffer.stepAt(at),
        numberOrNull(buffer.epochAt(at)),
        buffer.wallTimeAt(at),
        numberOrNull(buffer.valueAt(at)),
        ...extremes,
        count,
      );
    }
  }
}

interface PointRow {
  seq: number;
  step: number;
  epoch: number | null;
  wallTime: number;
  value: number | null;
}

const CURVES_OF_RUN = `
  SELECT key_id AS keyId, name, latest_metrics.seq FROM latest_metrics JOIN metric_keys ON metric_keys.id = key_id
  WHERE run_id = ? ORDER BY name`;

const POINTS_AFTER = `
  SELECT seq, step, epoch, wall_time AS wallTime, value FROM points
  WHERE run_id = ? AND key_id = ? AND seq > ? ORDER BY seq`;

function toPoint(row: PointRow): CurvePoint {
  return {
    step: row.step,
    epoch: row.epoch ?? undefined,
    wallTime: row.wallTime,
    value: nanFromNull(row.value),
  };
}

/** All curves of a run, or those of `keys`, in the order they were logged; only points after `afterSeq`. */
export function readCurves(
  database: Database,
  runId: number,
  keys: readonly string[] | undefined,
  afterSeq: number,
): { seq: number; curves: Curve[] } {
  const find = database.prepare<[number], { keyId: number; name: string; seq: number }>(CURVES_OF_RUN);
  const read = database.prepare<[number, number, number], PointRow>(POINTS_AFTER);
  const snapshot = database.transaction(() => {
    const moved = find.all(runId).filter((curve) => curve.seq > afterSeq);
    const wanted = keys === undefined ? moved : moved.filter((curve) => keys.includes(curve.name));
    const curves = wanted.map(({ keyId, name }) => ({
      key: name,
      points: read.all(runId, keyId, afterSeq).map(toPoint),
    }));
    return { seq: moved.reduce((most, curve) => Math.max(most, curve.seq), afterSeq), curves };
  });
  return snapshot();
}
