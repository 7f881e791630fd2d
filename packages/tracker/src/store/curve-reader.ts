import type { Database } from 'better-sqlite3';
import { TrackerInputError } from '../errors.ts';
import type { Curve, CurvePoint } from '../schema.ts';
import {
  coarser,
  decodeSpans,
  HAS_INFINITY,
  HAS_NAN,
  HAS_NEGATIVE_INFINITY,
  joinPoints,
  pointsOf,
  readable,
  spansOfPoints,
  type PointColumns,
  type SpanColumns,
} from './blocks.ts';
import { CHUNK, entrySpan, FAN, rowSpan } from './curve-writer.ts';

interface CurveRow {
  keyId: number;
  name: string;
  seq: number;
  count: number;
}

const CURVES_OF_RUN = `
  SELECT key_id AS keyId, name, latest_metrics.seq, count FROM latest_metrics
  JOIN metric_keys ON metric_keys.id = key_id WHERE run_id = ? AND count > 0 ORDER BY name`;

const POINTS_AFTER = `
  SELECT count, data FROM curve_chunks WHERE run_id = ? AND key_id = ? AND level = 0 AND seq_last > ? ORDER BY number`;

const CURVE_OF_RUN = `
  SELECT key_id AS keyId, name, latest_metrics.seq, count FROM latest_metrics
  JOIN metric_keys ON metric_keys.id = key_id WHERE run_id = ? AND name = ? AND count > 0`;

const ROWS = `
  SELECT number, count, data FROM curve_chunks
  WHERE run_id = ? AND key_id = ? AND level = ? AND number >= ? AND step_max >= ? AND step_min <= ? ORDER BY number`;

const TAIL = `
  SELECT number, count, data FROM curve_chunks
  WHERE run_id = ? AND key_id = ? AND level = ? AND number >= ? ORDER BY number`;

function pointsAfter(points: PointColumns, afterSeq: number): CurvePoint[] {
  const found: CurvePoint[] = [];
  for (let at = 0; at < points.seq.length; at++) {
    if (points.seq[at]! <= afterSeq) continue;
    const epoch = points.epoch[at]!;
    found.push({
      step: points.step[at]!,
      epoch: Number.isNaN(epoch) ? undefined : epoch,
      wallTime: points.wallTime[at]!,
      value: points.value[at]!,
    });
  }
  return found;
}

/**
 * All curves of a run, or those of `keys`, in the order they were logged; only points after `afterSeq`. What is damaged
 * is left out and counted.
 */
export function readCurves(
  database: Database,
  runId: number,
  keys: readonly string[] | undefined,
  afterSeq: number,
): { seq: number; curves: Curve[] } {
  const find = database.prepare<[number], CurveRow>(CURVES_OF_RUN);
  const read = database.prepare<[number, number, number], { count: number; data: Buffer }>(POINTS_AFTER);
  const snapshot = database.transaction(() => {
    const moved = find.all(runId).filter((curve) => curve.seq > afterSeq);
    const wanted = keys === undefined ? moved : moved.filter((curve) => keys.includes(curve.name));
    const curves = wanted.map(({ keyId, name }): Curve => {
      let missing = 0;
      const points = read.all(runId, keyId, afterSeq).flatMap((row) => {
        const block = pointsOf(row);
        if (block === undefined) missing += row.count;
        return block === undefined ? [] : pointsAfter(block, afterSeq);
      });
      return { key: name, points, ...(missing > 0 && { missing }) };
    });
    return { seq: moved.reduce((most, curve) => Math.max(most, curve.seq), afterSeq), curves };
  });
  return snapshot();
}

/** Neighbouring points of a curve, summed up exactly. */
export interface CurveBucket {
  /** How many points. */
  readonly count: number;
  readonly stepMin: number;
  readonly stepMax: number;
  /** Of the finite values; NaN where there is none. */
  readonly min: number;
  readonly max: number;
  /** Value, epoch and time (epoch milliseconds) of the last point. */
  readonly last: number;
  readonly epoch: number | undefined;
  readonly wallTime: number;
  readonly hasNaN: boolean;
  readonly hasInfinity: boolean;
  readonly hasNegativeInfinity: boolean;
}

/** A curve as it can be drawn: every point of the range lies in one bucket, no extreme is lost. */
export interface CurveView {
  readonly key: string;
  /** Points of the whole curve. */
  readonly total: number;
  /** Points per bucket, a power of four; buckets begin at multiples of it, so new points never move old buckets. */
  readonly span: number;
  readonly buckets: readonly CurveBucket[];
}

/** What part of a curve, and how fine. Steps are inclusive. */
export interface CurveRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** At least this many buckets where the range has as many points; fewer than four times as many (1000). */
  readonly pixels?: number | undefined;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** Neighbouring entries become one bucket where they lie between the same multiples of the span. */
class BucketList {
  private readonly all: Mutable<CurveBucket>[] = [];
  readonly span: number;
  private readonly from: number;
  private readonly to: number;
  private place = -1;

  constructor(span: number, from: number, to: number) {
    this.span = span;
    this.from = from;
    this.to = to;
  }

  /** Entries of `width` points each; the first begins at the curve's `start`th point, the last may end at `end`. */
  add(entries: SpanColumns, start: number, width: number, end: number): void {
    for (let at = 0; at < entries.last.length; at++) {
      const first = start + at * width;
      const place = Math.floor(first / this.span);
      const bucket = toBucket(entries, at, Math.min(width, end - first));
      if (place === this.place) merge(this.all.at(-1)!, bucket);
      else this.all.push(bucket);
      this.place = place;
    }
  }

  /** Whole buckets that meet the range. */
  get buckets(): CurveBucket[] {
    return this.all.filter(({ stepMin, stepMax }) => stepMax >= this.from && stepMin <= this.to);
  }
}

function toBucket(entries: SpanColumns, at: number, count: number): Mutable<CurveBucket> {
  const odd = entries.odd[at]!;
  const epoch = entries.epoch[at]!;
  return {
    count,
    stepMin: entries.stepMin[at]!,
    stepMax: entries.stepMax[at]!,
    min: entries.min[at]!,
    max: entries.max[at]!,
    last: entries.last[at]!,
    epoch: Number.isNaN(epoch) ? undefined : epoch,
    wallTime: entries.wallTime[at]!,
    hasNaN: (odd & HAS_NAN) !== 0,
    hasInfinity: (odd & HAS_INFINITY) !== 0,
    hasNegativeInfinity: (odd & HAS_NEGATIVE_INFINITY) !== 0,
  };
}

function merge(bucket: Mutable<CurveBucket>, next: CurveBucket): void {
  bucket.count += next.count;
  bucket.stepMin = Math.min(bucket.stepMin, next.stepMin);
  bucket.stepMax = Math.max(bucket.stepMax, next.stepMax);
  if (!(next.min >= bucket.min) && !Number.isNaN(next.min)) bucket.min = next.min;
  if (!(next.max <= bucket.max) && !Number.isNaN(next.max)) bucket.max = next.max;
  bucket.last = next.last;
  bucket.epoch = next.epoch;
  bucket.wallTime = next.wallTime;
  bucket.hasNaN ||= next.hasNaN;
  bucket.hasInfinity ||= next.hasInfinity;
  bucket.hasNegativeInfinity ||= next.hasNegativeInfinity;
}

interface ChunkRow {
  number: number;
  count: number;
  data: Buffer;
}

/** One curve's rows from a number on: `rows` those that meet the range of steps, `tail` all (there are few). */
interface Reading {
  readonly total: number;
  readonly from: number;
  readonly to: number;
  rows(level: number, number: number): ChunkRow[];
  tail(level: number, number: number): ChunkRow[];
}

function openReading(database: Database, runId: number, curve: CurveRow, range: CurveRange): Reading {
  const { from = -Number.MAX_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = range;
  const rows = database.prepare<number[], ChunkRow>(ROWS);
  const tail = database.prepare<number[], ChunkRow>(TAIL);
  return {
    total: curve.count,
    from,
    to,
    rows: (level, number) => rows.all(runId, curve.keyId, level, number, from, to),
    tail: (level, number) => tail.all(runId, curve.keyId, level, number),
  };
}

/** Full chunks that meet the range, and all of the tail: together it is one short chunk. */
function pointParts(reading: Reading, start: number): { start: number; points: PointColumns }[] {
  const tailStart = Math.floor(reading.total / CHUNK) * CHUNK;
  const full = start >= tailStart ? [] : reading.rows(0, start).filter(({ number }) => number < tailStart);
  const parts = full.flatMap((row) => {
    const points = pointsOf(row);
    return points === undefined ? [] : [{ start: row.number, points }];
  });
  const tail = reading.tail(0, tailStart).flatMap((row) => pointsOf(row) ?? []);
  return tail.length === 0 ? parts : [...parts, { start: tailStart, points: joinPoints(tail) }];
}

/** The curve's entries of `level` (1 or more): rows of that level, then of finer ones for what they do not cover. */
function bucketsOfLevel(reading: Reading, level: number): BucketList {
  const list = new BucketList(entrySpan(level), reading.from, reading.to);
  let start = 0;
  for (let at = level; at >= 1; at--) {
    // what the level's own rows do not cover is little: read whole, so that no bucket is cut by the range
    const rows = at === level ? reading.rows(at, start) : reading.tail(at, start);
    for (const { number, count, data } of rows) {
      const spans = readable(() => decodeSpans(data));
      if (spans?.last.length !== count / entrySpan(at)) continue;
      const factor = Math.min(entrySpan(level) / entrySpan(at), count / entrySpan(at));
      const entries = coarser(spans, factor);
      list.add(entries, number, entrySpan(at) * factor, number + count);
    }
    start = Math.floor(reading.total / rowSpan(at)) * rowSpan(at);
  }
  const width = Math.min(list.span, CHUNK);
  for (const part of pointParts(reading, start)) {
    list.add(spansOfPoints(part.points, width), part.start, width, part.start + part.points.step.length);
  }
  return list;
}

/** Below the first level: points, or four of them together where that is fine enough. */
function bucketsOfPoints(reading: Reading, pixels: number): BucketList {
  const parts = pointParts(reading, 0);
  const collect = (span: number): BucketList => {
    const list = new BucketList(span, reading.from, reading.to);
    for (const { start, points } of parts) {
      list.add(spansOfPoints(points, span), start, span, start + points.step.length);
    }
    return list;
  };
  const joined = collect(FAN);
  return joined.buckets.length >= pixels ? joined : collect(1);
}

/** The coarsest level at which the whole curve still has enough entries. */
function coarsestLevel(total: number, pixels: number): number {
  let level = 0;
  while (total / entrySpan(level + 1) >= pixels) level++;
  return level;
}

/**
 * A curve, or the part of it between two steps, summed up so that it can be drawn `pixels` wide. Reads a few times as
 * many entries as there are pixels, whatever the curve's length. Undefined where the run has no such curve.
 */
export function readCurveView(
  database: Database,
  runId: number,
  key: string,
  range: CurveRange,
): CurveView | undefined {
  const { pixels = 1000 } = range;
  if (!(pixels >= 1)) throw new TrackerInputError(`pixels is ${pixels}: at least 1 is needed`);
  const find = database.prepare<[number, string], CurveRow>(CURVE_OF_RUN);
  const snapshot = database.transaction((): CurveView | undefined => {
    const curve = find.get(runId, key);
    if (curve === undefined) return undefined;
    const reading = openReading(database, runId, curve, range);
    for (let level = coarsestLevel(curve.count, pixels); level >= 1; level--) {
      const { buckets, span } = bucketsOfLevel(reading, level);
      if (buckets.length >= pixels) return { key, total: curve.count, span, buckets };
    }
    const { buckets, span } = bucketsOfPoints(reading, pixels);
    return { key, total: curve.count, span, buckets };
  });
  return snapshot();
}
