import type { Database, Statement } from 'better-sqlite3';
import {
  coarser,
  decodePoints,
  decodeSpans,
  encodePoints,
  encodeSpans,
  joinPoints,
  joinSpans,
  slicePoints,
  spansOfPoints,
  type PointColumns,
  type SpanColumns,
} from './blocks.ts';

/** Points of a full chunk. */
export const CHUNK = 4096;
/** Points that an entry of level 1 sums up; of each further level, entries that one sums up. */
export const FIRST_SPAN = 16;
export const FAN = 4;
/** A tail row shorter than this is rewritten with what comes: it is smaller than the page it lies on. */
const SMALL = 256;

/** Points that one row of `level` covers. */
export function rowSpan(level: number): number {
  return level === 0 ? CHUNK : CHUNK * FAN ** (level - 1);
}

/** Points that one entry of `level` covers. */
export function entrySpan(level: number): number {
  return level === 0 ? 1 : FIRST_SPAN * FAN ** (level - 1);
}

interface ChunkRow {
  id: number;
  number: number;
  count: number;
  data: Buffer;
}

const PLACE = 'run_id = ? AND key_id = ? AND level = ? AND number >= ?';

function extent(from: Float64Array, to: Float64Array): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (let at = 0; at < from.length; at++) {
    if (from[at]! < low) low = from[at]!;
    if (to[at]! > high) high = to[at]!;
  }
  return [low, high];
}

/** Appends points to curves. Keeps nothing between calls; runs inside the caller's transaction. */
export class ChunkWriter {
  private readonly rowsFrom: Statement<[number, number, number, number], ChunkRow>;
  private readonly lastRow: Statement<[number, number, number, number], ChunkRow>;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly remove: Statement;

  constructor(database: Database) {
    this.rowsFrom = database.prepare(
      `SELECT id, number, count, data FROM curve_chunks WHERE ${PLACE} ORDER BY number`,
    );
    this.lastRow = database.prepare(
      `SELECT id, number, count, data FROM curve_chunks WHERE ${PLACE} ORDER BY number DESC LIMIT 1`,
    );
    this.insert = database.prepare(
      `INSERT INTO curve_chunks (run_id, key_id, level, number, count, seq_last, step_min, step_max, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.update = database.prepare(
      'UPDATE curve_chunks SET count = ?, seq_last = ?, step_min = ?, step_max = ?, data = ? WHERE id = ?',
    );
    this.remove = database.prepare(`DELETE FROM curve_chunks WHERE ${PLACE}`);
  }

  /** `stored`: how many points the curve has already. */
  append(runId: number, keyId: number, stored: number, points: PointColumns): void {
    const count = points.step.length;
    for (let from = 0; from < count;) {
      const total = stored + from;
      const start = total - (total % CHUNK);
      const to = Math.min(count, from + start + CHUNK - total);
      const part = from === 0 && to === count ? points : slicePoints(points, from, to);
      if (total + (to - from) < start + CHUNK) this.appendTail(runId, keyId, start, total, part);
      else this.complete(runId, keyId, start, part);
      from = to;
    }
  }

  private appendTail(runId: number, keyId: number, start: number, total: number, part: PointColumns): void {
    const last = total === start ? undefined : this.lastRow.get(runId, keyId, 0, start);
    if (last === undefined || last.count >= SMALL) {
      this.insertPoints(runId, keyId, total, part);
      return;
    }
    const points = joinPoints([decodePoints(last.data), part]);
    const [low, high] = extent(points.step, points.step);
    this.update.run(points.step.length, points.seq.at(-1)!, low, high, encodePoints(points), last.id);
  }

  /** The chunk that begins at `start` is full with these points: its tail rows become one. */
  private complete(runId: number, keyId: number, start: number, part: PointColumns): void {
    let points = part;
    if (part.step.length < CHUNK) {
      const tail = this.rowsFrom.all(runId, keyId, 0, start);
      points = joinPoints([...tail.map((row) => decodePoints(row.data)), part]);
      this.remove.run(runId, keyId, 0, start);
    }
    this.insertPoints(runId, keyId, start, points);
    const seq = points.seq.at(-1)!;
    this.insertSpans(runId, keyId, 1, start, spansOfPoints(points, FIRST_SPAN), seq);
    this.carry(runId, keyId, 1, start + CHUNK, seq);
  }

  /** Where the last rows of a level together make one of the next, that one is written. */
  private carry(runId: number, keyId: number, level: number, total: number, seq: number): void {
    if (total % rowSpan(level + 1) !== 0) return;
    const start = total - rowSpan(level + 1);
    const rows = this.rowsFrom.all(runId, keyId, level, start);
    const spans = coarser(joinSpans(rows.map((row) => decodeSpans(row.data))), FAN);
    this.insertSpans(runId, keyId, level + 1, start, spans, seq);
    this.carry(runId, keyId, level + 1, total, seq);
  }

  private insertPoints(runId: number, keyId: number, number: number, points: PointColumns): void {
    const [low, high] = extent(points.step, points.step);
    const { length } = points.step;
    this.insert.run(runId, keyId, 0, number, length, points.seq.at(-1)!, low, high, encodePoints(points));
  }

  private insertSpans(
    runId: number,
    keyId: number,
    level: number,
    number: number,
    spans: SpanColumns,
    seq: number,
  ): void {
    const [low, high] = extent(spans.stepMin, spans.stepMax);
    this.insert.run(runId, keyId, level, number, rowSpan(level), seq, low, high, encodeSpans(spans));
  }
}
