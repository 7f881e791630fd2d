import type { Database } from 'better-sqlite3';
import { CurveWriter } from '../curve-store.ts';
import { PointBuffer } from '../point-buffer.ts';
import type { CurvePoint } from '../schema.ts';

/** Stores points with the times they came with, inside the caller's transaction. */
export class PointImporter {
  private readonly curves: CurveWriter;
  private readonly buffer = new PointBuffer(8192);
  private readonly runId: number;
  private nextSeq = 1;

  constructor(database: Database, runId: number) {
    this.curves = new CurveWriter(database);
    this.runId = runId;
  }

  /** Appends to the curve `key`. */
  add(key: string, points: readonly CurvePoint[]): void {
    for (const { step, epoch, wallTime, value } of points) {
      this.buffer.push(0, step, epoch ?? NaN, wallTime, value);
    }
    this.curves.writePoints(this.runId, this.buffer, [this.curves.keyId(key)], this.nextSeq);
    this.nextSeq += this.buffer.length;
    this.buffer.clear();
  }
}
