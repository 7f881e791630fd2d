import type { PointBatch } from './points.ts';

/** Points handed over at once: 8192 take 288 KiB. */
export const BATCH = 8192;

/** Points of one run on their way to the database: typed arrays, so that logging allocates nothing per point. */
export class PointBuffer {
  length = 0;
  private key = new Uint32Array(BATCH);
  private step = new Float64Array(BATCH);
  private epoch = new Float64Array(BATCH);
  private wallTime = new Float64Array(BATCH);
  private value = new Float64Array(BATCH);

  /** `epoch` is NaN where there is none. Must not be called when full. */
  push(key: number, step: number, epoch: number, wallTime: number, value: number): void {
    const at = this.length++;
    this.key[at] = key;
    this.step[at] = step;
    this.epoch[at] = epoch;
    this.wallTime[at] = wallTime;
    this.value[at] = value;
  }

  get full(): boolean {
    return this.length === BATCH;
  }

  /** The points so far; the buffer is empty then. Few points are copied, many handed over. */
  take(runId: number, firstSeq: number): PointBatch {
    const { length, key, step, epoch, wallTime, value } = this;
    this.length = 0;
    if (length < BATCH / 2) {
      return {
        runId,
        firstSeq,
        length,
        key: key.slice(0, length),
        step: step.slice(0, length),
        epoch: epoch.slice(0, length),
        wallTime: wallTime.slice(0, length),
        value: value.slice(0, length),
      };
    }
    this.key = new Uint32Array(BATCH);
    this.step = new Float64Array(BATCH);
    this.epoch = new Float64Array(BATCH);
    this.wallTime = new Float64Array(BATCH);
    this.value = new Float64Array(BATCH);
    return { runId, firstSeq, length, key, step, epoch, wallTime, value };
  }
}
