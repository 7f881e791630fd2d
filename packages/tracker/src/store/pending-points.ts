import type { Database } from 'better-sqlite3';
import { BatchStore } from './batch-store.ts';
import type { Flusher } from './flusher.ts';
import { MetricSlots } from './metric-slots.ts';
import { PointBuffer } from './point-buffer.ts';
import type { PointBatch } from './points.ts';
import { replaySpill } from './spill-replay.ts';
import { appendSpill, spillFile, type SpillRecord } from './spill-file.ts';

/** Points in memory above which they go to a file while the database takes none: about 36 MB. */
const SPILL_ABOVE = 1_000_000;
/** Points above which new ones are dropped where no file takes them either: about 150 MB. */
const DROP_ABOVE = 4_000_000;
/** Batches on their way to the flusher above which the next wait in memory. */
const MOST_IN_FLIGHT = 32;

/** A failure that another thread met. */
class FlushError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'FlushError';
    this.code = code;
  }
}

/**
 * A run's points between `log` and the database, always in order: what the flusher holds, then the spill file, then
 * the backlog, then the buffer that `log` fills.
 */
export class PendingPoints {
  private readonly home: string;
  private readonly runId: number;
  private readonly database: Database;
  private readonly batches: BatchStore;
  private readonly flusher: Flusher | undefined;
  private readonly onExcess: () => void;
  private readonly buffer = new PointBuffer();
  private readonly slots = new MetricSlots();
  private backlog: PointBatch[] = [];
  private backlogPoints = 0;
  private nextSeq = 1;
  private spilled = false;
  /** What this thread stored itself since the flusher last got something: it may have refused earlier points. */
  private fresh = true;

  /** `onExcess` is called when more waits in memory than should. */
  constructor(
    database: Database,
    home: string,
    runId: number,
    flusher: Flusher | undefined,
    onExcess: () => void,
  ) {
    this.onExcess = onExcess;
    this.database = database;
    this.home = home;
    this.runId = runId;
    this.flusher = flusher;
    this.batches = new BatchStore(database);
  }

  get spillFile(): string {
    return spillFile(this.home, this.runId);
  }

  /** Points in memory. */
  get waiting(): number {
    return this.backlogPoints + this.buffer.length;
  }

  /** The flusher has points that it has not stored yet. */
  get onTheirWay(): boolean {
    return this.flusher?.ready === true && this.flusher.inFlight > 0;
  }

  /** Appends the numbers of one call; the names of what is no number. */
  push(
    metrics: Readonly<Record<string, number>>,
    step: number,
    epoch: number,
    wallTime: number,
  ): string[] | undefined {
    const { buffer, slots } = this;
    let refused: string[] | undefined;
    let place = 0;
    for (const name in metrics) {
      const value = metrics[name];
      if (typeof value === 'number') buffer.push(slots.keyAt(place++, name), step, epoch, wallTime, value);
      else (refused ??= []).push(name);
      if (buffer.full) this.makeRoom();
    }
    return refused;
  }

  private makeRoom(): void {
    this.rotate();
    this.handOver();
    if (this.backlogPoints >= SPILL_ABOVE) this.onExcess();
  }

  /** Lets the flusher say that the run lives. False where there is none. */
  beat(): boolean {
    if (this.flusher?.ready !== true) return false;
    this.flusher.beat(this.runId);
    return true;
  }

  private rotate(): void {
    if (this.buffer.length === 0) return;
    const batch = this.buffer.take(this.runId, this.nextSeq);
    this.nextSeq += batch.length;
    this.backlog.push(batch);
    this.backlogPoints += batch.length;
  }

  /** Gives everything to the flusher, without waiting. False where there is none (yet), or something is in its way. */
  handOver(): boolean {
    const { flusher } = this;
    if (flusher === undefined) return false;
    flusher.start();
    if (!flusher.ready || this.spilled) return false;
    if (this.takeReturned() !== undefined) return false;
    this.rotate();
    while (this.backlog.length > 0 && flusher.inFlight < MOST_IN_FLIGHT) {
      const batch = this.backlog.shift()!;
      this.backlogPoints -= batch.length;
      flusher.post(batch, this.slots.names, this.fresh);
      this.fresh = false;
    }
    return true;
  }

  /** Takes back what the flusher could not store. The reason, where there is something. */
  takeReturned(): Error | undefined {
    const { flusher } = this;
    if (flusher === undefined) return undefined;
    let returned = flusher.takeReturned(this.runId);
    const reason = returned[0]?.reason;
    if (reason === undefined) return undefined;
    // later batches are refused too: they must come back before these are tried again
    flusher.settle();
    returned = [...returned, ...flusher.takeReturned(this.runId)];
    const batches = returned.map(({ batch }) => batch).sort((a, b) => a.firstSeq - b.firstSeq);
    this.backlog = [...batches, ...this.backlog];
    this.backlogPoints += batches.reduce((sum, batch) => sum + batch.length, 0);
    this.fresh = true;
    return new FlushError(reason.code, reason.message);
  }

  /** Stores everything on this thread. Throws SQLite's error; what is not stored waits. */
  store(): void {
    if (this.flusher !== undefined && this.flusher.inFlight > 0) this.flusher.settle();
    this.takeReturned();
    this.rotate();
    if (this.spilled) {
      replaySpill(this.database, this.home, this.runId);
      this.spilled = false;
    }
    for (let batch = this.backlog[0]; batch !== undefined; batch = this.backlog[0]) {
      this.batches.store(batch, this.slots.names);
      this.backlog.shift();
      this.backlogPoints -= batch.length;
    }
    this.fresh = true;
  }

  /** Moves all points that wait, and then these records, to the run's spill file. */
  spill(records: readonly SpillRecord[] = []): void {
    this.flusher?.settle();
    this.takeReturned();
    this.rotate();
    const { names } = this.slots;
    appendSpill(this.home, this.runId, [
      ...this.backlog.map((batch) => ({ kind: 'points', batch, names }) as const),
      ...records,
    ]);
    this.spilled = true;
    this.backlog = [];
    this.backlogPoints = 0;
  }

  /** Spills where too much waits; the file, where that was done. */
  spillExcess(): string | undefined {
    if (this.waiting < SPILL_ABOVE) return undefined;
    this.spill();
    return this.spillFile;
  }

  /** The last resort: how many of the newest points were given up. */
  dropExcess(): number {
    let dropped = 0;
    while (this.backlogPoints > DROP_ABOVE) {
      const batch = this.backlog.pop()!;
      this.backlogPoints -= batch.length;
      dropped += batch.length;
    }
    return dropped;
  }
}
