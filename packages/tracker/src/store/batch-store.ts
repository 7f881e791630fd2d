import type { Database, Statement } from 'better-sqlite3';
import { MetricWriter, type PointBatch } from './points.ts';

/** Stores batches of points with their run's heartbeat, each in one short transaction. Remembers ids of names. */
export class BatchStore {
  readonly metrics: MetricWriter;
  private readonly database: Database;
  private readonly beat: Statement;
  private readonly ids = new Map<string, number>();

  constructor(database: Database) {
    this.database = database;
    this.metrics = new MetricWriter(database);
    this.beat = database.prepare('UPDATE owners SET heartbeat_at = ? WHERE run_id = ?');
  }

  /** All or nothing. `names` of the batch's keys. */
  store(batch: PointBatch, names: readonly string[]): void {
    const found = new Map<string, number>();
    const write = this.database.transaction(() => {
      const keyIds = names.map((name) => {
        const known = this.ids.get(name);
        if (known !== undefined) return known;
        const id = this.metrics.keyId(name);
        found.set(name, id);
        return id;
      });
      this.metrics.storePoints(batch, keyIds);
      this.beat.run(Date.now(), batch.runId);
    });
    write.immediate();
    // only what was committed is remembered
    for (const [name, id] of found) this.ids.set(name, id);
  }

  heartbeat(runId: number): void {
    this.beat.run(Date.now(), runId);
  }
}
