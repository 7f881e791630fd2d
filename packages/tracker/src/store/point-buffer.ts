import { ROW, type PointBatch } from './points.ts';

/** Points handed over at once: 8192 take 320 KiB. */
export const BATCH = 8192;

/**
 * Points of one run on their way to the database, row by row in one typed array: logging allocates nothing per point,
 * and a point touches one cache line or two however long ago the last one was.
 */
export class PointBuffer {
  length = 0;
  private rows = new Float64Array(BATCH * ROW);

  /** `epoch` is NaN where there is none. Must not be called when full. */
  push(key: number, step: number, epoch: number, wallTime: number, value: number): void {
    const { rows } = this;
    const at = this.length++ * ROW;
    rows[at] = key;
    rows[at + 1] = step;
    rows[at + 2] = epoch;
    rows[at + 3] = wallTime;
    rows[at + 4] = value;
  }

  get full(): boolean {
    return this.length === BATCH;
  }

  /** The points so far; the buffer is empty then. Few points are copied, many handed over. */
  take(runId: number, firstSeq: number): PointBatch {
    const { length, rows } = this;
    this.length = 0;
    if (length < BATCH / 2) return { runId, firstSeq, length, rows: rows.slice(0, length * ROW) };
    this.rows = new Float64Array(BATCH * ROW);
    return { runId, firstSeq, length, rows };
  }
}
