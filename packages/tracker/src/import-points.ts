import type { CurvePoint } from './schema.ts';
import type { MetricWriter } from './store/points.ts';

/** Stores points with the times they came with, inside the caller's transaction. */
export class PointImporter {
  private readonly metrics: MetricWriter;
  private readonly runId: number;
  private nextSeq = 1;

  constructor(metrics: MetricWriter, runId: number) {
    this.metrics = metrics;
    this.runId = runId;
  }

  /** Appends to the curve `key`. */
  add(key: string, points: readonly CurvePoint[]): void {
    if (points.length === 0) return;
    const first = this.nextSeq;
    this.metrics.appendCurve(this.runId, this.metrics.keyId(key), {
      seq: Float64Array.from(points, (_, i) => first + i),
      step: Float64Array.from(points, ({ step }) => step),
      epoch: Float64Array.from(points, ({ epoch }) => epoch ?? NaN),
      wallTime: Float64Array.from(points, ({ wallTime }) => wallTime),
      value: Float64Array.from(points, ({ value }) => value),
    });
    this.nextSeq += points.length;
  }
}
