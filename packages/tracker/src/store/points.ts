import type { Database, Statement } from 'better-sqlite3';
import { numberOrNull } from './nan.ts';
import type { PointColumns } from './blocks.ts';
import { ChunkWriter } from './curve-writer.ts';

/** Numbers of a point in a batch: key, step, epoch, wall time, value. */
export const ROW = 5;

/** Points of one run in the order they were logged, row by row: keys count the run's metric names from 0. */
export interface PointBatch {
  readonly runId: number;
  /** The first point's place among the run's points; the others follow it. */
  readonly firstSeq: number;
  readonly length: number;
  /** `length` rows of {@link ROW} numbers, or more room. */
  readonly rows: Float64Array;
}

type Group = PointColumns & { used: number };

function makeGroup(count: number): Group {
  const column = (): Float64Array => new Float64Array(count);
  return { step: column(), seq: column(), epoch: column(), wallTime: column(), value: column(), used: 0 };
}

/** The batch's points, key by key, each in order. */
export function groupByKey({ rows, length, firstSeq }: PointBatch): Map<number, PointColumns> {
  const counts: number[] = [];
  for (let at = 0; at < length; at++) {
    const key = rows[at * ROW]!;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  const groups: Group[] = [];
  counts.forEach((count, key) => {
    groups[key] = makeGroup(count);
  });
  for (let at = 0; at < length; at++) {
    const from = at * ROW;
    const group = groups[rows[from]!]!;
    const to = group.used++;
    group.seq[to] = firstSeq + at;
    group.step[to] = rows[from + 1]!;
    group.epoch[to] = rows[from + 2]!;
    group.wallTime[to] = rows[from + 3]!;
    group.value[to] = rows[from + 4]!;
  }
  const found = new Map<number, PointColumns>();
  groups.forEach((group, key) => found.set(key, group));
  return found;
}

/** Least and largest value, NaN apart; both undefined where there is nothing but NaN. */
function extremes(values: Float64Array): [min: number | null, max: number | null] {
  let min = Infinity;
  let max = -Infinity;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? [null, null] : [min, max];
}

// count = 0 marks a row that only a summary made: it has no extremes of its own
const UPDATE_LATEST = `
  INSERT INTO latest_metrics (run_id, key_id, seq, step, epoch, wall_time, last, min, max, count, value)
  VALUES (@run, @key, @seq, @step, @epoch, @wallTime, @last, @min, @max, @count, @last)
  ON CONFLICT (run_id, key_id) DO UPDATE SET
    seq = excluded.seq, step = excluded.step, epoch = excluded.epoch, wall_time = excluded.wall_time,
    last = excluded.last,
    min = iif(count = 0, excluded.min, min(coalesce(min, excluded.min), coalesce(excluded.min, min))),
    max = iif(count = 0, excluded.max, max(coalesce(max, excluded.max), coalesce(excluded.max, max))),
    count = count + excluded.count,
    value = iif(EXISTS (SELECT 1 FROM summaries s WHERE s.run_id = @run AND s.key_id = @key), value, excluded.last)`;

const SET_SUMMARY = `
  INSERT INTO summaries (run_id, key_id, value) VALUES (?, ?, ?)
  ON CONFLICT (run_id, key_id) DO UPDATE SET value = excluded.value`;

const SUMMARY_IS_VALUE = `
  INSERT INTO latest_metrics (run_id, key_id, seq, step, epoch, wall_time, last, min, max, count, value)
  VALUES (@run, @key, 0, 0, NULL, @now, @value, @value, @value, 0, @value)
  ON CONFLICT (run_id, key_id) DO UPDATE SET value = excluded.value,
    last = iif(count = 0, excluded.value, last), min = iif(count = 0, excluded.value, min),
    max = iif(count = 0, excluded.value, max)`;

/** Writes metric names, points and summaries. Runs inside the caller's transaction. */
export class MetricWriter {
  private readonly insertKey: Statement;
  private readonly findKey: Statement;
  private readonly findCount: Statement;
  private readonly updateLatest: Statement;
  private readonly setSummaryRow: Statement;
  private readonly setSummaryValue: Statement;
  private readonly chunks: ChunkWriter;

  constructor(database: Database) {
    this.insertKey = database.prepare('INSERT INTO metric_keys (name) VALUES (?) ON CONFLICT DO NOTHING');
    this.findKey = database.prepare('SELECT id FROM metric_keys WHERE name = ?').pluck();
    this.findCount = database
      .prepare('SELECT count FROM latest_metrics WHERE run_id = ? AND key_id = ? ')
      .pluck();
    this.updateLatest = database.prepare(UPDATE_LATEST);
    this.setSummaryRow = database.prepare(SET_SUMMARY);
    this.setSummaryValue = database.prepare(SUMMARY_IS_VALUE);
    this.chunks = new ChunkWriter(database);
  }

  /** The id of a metric name, made where it is new. */
  keyId(name: string): number {
    const known = this.findKey.get(name);
    if (known !== undefined) return Number(known);
    return Number(this.insertKey.run(name).lastInsertRowid);
  }

  /** Stores all points of the batch. `keyIds` maps the batch's keys to stored ids. */
  storePoints(batch: PointBatch, keyIds: readonly number[]): void {
    for (const [key, points] of groupByKey(batch)) this.appendCurve(batch.runId, keyIds[key]!, points);
  }

  /** Appends points to one curve. */
  appendCurve(runId: number, keyId: number, points: PointColumns): void {
    const stored = Number(this.findCount.get(runId, keyId) ?? 0);
    this.chunks.append(runId, keyId, stored, points);
    const end = points.step.length - 1;
    const [min, max] = extremes(points.value);
    this.updateLatest.run({
      run: runId,
      key: keyId,
      seq: points.seq[end],
      step: points.step[end],
      epoch: numberOrNull(points.epoch[end]!),
      wallTime: points.wallTime[end],
      last: numberOrNull(points.value[end]!),
      min,
      max,
      count: points.step.length,
    });
  }

  setSummary(runId: number, name: string, value: number, now: number): void {
    const keyId = this.keyId(name);
    this.setSummaryRow.run(runId, keyId, numberOrNull(value));
    this.setSummaryValue.run({ run: runId, key: keyId, value: numberOrNull(value), now });
  }
}
