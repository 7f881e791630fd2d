import type { Database } from 'better-sqlite3';
import { storeArtifact } from './artifact-store.ts';
import { RunFinishedError, TrackerWriteError } from './errors.ts';
import { checkDataset, toLedgerRow, writeDataset, writeLedger } from './ledger.ts';
import type { RunWriter } from './run-writer.ts';
import { ConsoleCapture } from './run/console-capture.ts';
import { SystemMetrics } from './run/system-metrics.ts';
import { WallClock } from './run/wall-clock.ts';
import type {
  Capture,
  DatasetRecord,
  PredictionInput,
  RunError,
  RunStatus,
  TrackerWarning,
} from './schema.ts';
import type { Flusher } from './store/flusher.ts';
import { PendingPoints } from './store/pending-points.ts';
import { MetricWriter } from './store/points.ts';
import { fillMatrixCells } from './store/matrix-cells.ts';
import type { SpillRecord } from './store/spill-file.ts';
import { isBusy, isDiskFull, reasonOf } from './write-failure.ts';

export const FLUSH_INTERVAL_MS = 100;
export const HEARTBEAT_INTERVAL_MS = 5000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;
/** How long the training thread waits, on its own account, for another process to finish writing. */
const PATIENCE_MS = 50;
/** How long it waits when it stores something that it was asked to store now. */
const LONG_PATIENCE_MS = 2000;

interface Job {
  readonly what: string;
  readonly store: () => void;
  /** How to keep it in a file, where that is possible. */
  readonly record?: SpillRecord;
}

/** What a writer needs of its tracker. */
export interface WriterContext {
  readonly database: Database;
  readonly home: string;
  /** Stores points beside the training thread; absent: the training thread does. */
  readonly flusher?: Flusher | undefined;
  readonly warn: (warning: TrackerWarning) => void;
  readonly onEnd: (writer: RunWriter) => void;
}

export class SqliteRunWriter implements RunWriter {
  readonly id: number;
  readonly name: string;
  private readonly context: WriterContext;
  private readonly points: PendingPoints;
  private readonly clock = new WallClock();
  private readonly timer: NodeJS.Timeout;
  private readonly system: SystemMetrics | undefined;
  private readonly console: ConsoleCapture | undefined;
  private jobs: Job[] = [];
  private status: RunStatus = 'RUNNING';
  private failures = 0;
  private lastAttempt = Date.now();
  private lastHeartbeat = Date.now();
  private dropped = 0;
  private warned = false;

  constructor(context: WriterContext, id: number, name: string, capture: Capture = {}) {
    this.context = context;
    this.id = id;
    this.name = name;
    this.points = new PendingPoints(context.database, context.home, id, context.flusher, () =>
      this.failures === 0 ? void this.flush() : this.bound(),
    );
    this.timer = setInterval(() => this.tick(), FLUSH_INTERVAL_MS);
    this.timer.unref();
    if (capture.system !== undefined && capture.system !== false) {
      this.system = new SystemMetrics(capture.system, (metrics, step) => this.log(metrics, { step }));
    }
    if (capture.console === true) this.console = new ConsoleCapture();
  }

  log(metrics: Readonly<Record<string, number>>, at: { step: number; epoch?: number | undefined }): void {
    if (this.status !== 'RUNNING') this.assertRunning();
    const now = this.clock.now();
    const { step } = at;
    if (!Number.isSafeInteger(step)) {
      this.warnInput(`step ${step} is no whole number: ${Object.keys(metrics).join(', ')} not logged`);
      return;
    }
    const refused = this.points.push(metrics, step, at.epoch ?? NaN, now);
    if (refused !== undefined) this.refuse(refused, metrics, step);
    // a blocked event loop starves the timer
    if (now - this.lastAttempt >= 2 * FLUSH_INTERVAL_MS) this.tick(now);
  }

  private refuse(names: readonly string[], metrics: Readonly<Record<string, unknown>>, step: number): void {
    for (const name of names) {
      this.warnInput(`${name} at step ${step} is ${typeof metrics[name]}, not a number: not logged`);
    }
  }

  logArtifact(path: string, bytes: Uint8Array, mediaType: string): void {
    const kept = Uint8Array.from(bytes);
    this.attempt({
      what: `artifact ${path}`,
      store: () => {
        const sha256 = storeArtifact(this.context.home, kept);
        this.run(
          `INSERT INTO artifacts (run_id, path, sha256, size, media_type, created_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (run_id, path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,
             media_type = excluded.media_type, created_at = excluded.created_at`,
          [this.id, path, sha256, kept.length, mediaType, Date.now()],
        );
      },
    });
  }

  logDataset(dataset: DatasetRecord): void {
    checkDataset(dataset);
    const use = 'UPDATE runs SET dataset_digest = ? WHERE id = ? AND dataset_digest IS NULL';
    this.attempt({
      what: `dataset ${dataset.name}`,
      store: () => {
        writeDataset(this.context.database, dataset);
        this.run(use, [dataset.digest, this.id]);
        fillMatrixCells(this.context.database, this.id);
      },
    });
  }

  logPredictions(predictions: PredictionInput): void {
    const row = toLedgerRow(predictions);
    this.attempt({
      what: `predictions of ${predictions.split}`,
      store: () => {
        writeLedger(this.context.database, this.id, row);
        fillMatrixCells(this.context.database, this.id);
      },
    });
  }

  setSummary(values: Readonly<Record<string, number>>): void {
    const kept = Object.entries(values);
    const store = (): void => {
      const metrics = new MetricWriter(this.context.database);
      for (const [name, value] of kept) metrics.setSummary(this.id, name, value, Date.now());
    };
    this.attempt({ what: 'summary', store, record: { kind: 'summary', values: kept } });
  }

  flush(): boolean {
    try {
      this.storePending();
      return true;
    } catch (error) {
      this.failed('metrics', error);
      return false;
    }
  }

  finish(): void {
    this.end('FINISHED');
  }

  fail(error: RunError): void {
    this.end('FAILED', error);
  }

  kill(reason: string): void {
    this.end('KILLED', { code: 'KILLED', message: reason });
  }

  prune(reason: string): void {
    this.end('PRUNED', { code: 'PRUNED', message: reason });
  }

  [Symbol.dispose](): void {
    this.abandon({ code: 'UNFINISHED', message: 'the run was left before it was finished' });
  }

  /** Fails the run if it is unfinished. Never throws: it runs while something else is going wrong. */
  abandon(error: RunError): void {
    if (this.status !== 'RUNNING') return;
    try {
      this.end('FAILED', error);
    } catch {
      this.abandonIncomplete(error);
    }
  }

  /** Points came back from the flusher: from now on this thread stores them, until that succeeds. */
  flusherFailed(): void {
    const reason = this.points.takeReturned();
    if (reason !== undefined) this.failed('metrics', reason);
  }

  /** The run is left for good: what still does not fit is named in its record instead, or kept in a file. */
  private abandonIncomplete(error: RunError): void {
    const left = this.jobs.filter((job) => job.record === undefined).map((job) => job.what);
    const message = left.length === 0 ? error.message : `${error.message}; not stored: ${left.join(', ')}`;
    this.jobs = this.jobs.filter((job) => job.record !== undefined);
    this.failures = 0;
    try {
      this.patiently(() => this.end('FAILED', { ...error, message }));
    } catch (cause) {
      this.leaveBehind({ ...error, message }, cause);
    }
  }

  private leaveBehind(error: RunError, cause: unknown): void {
    const reason = reasonOf(cause);
    try {
      const end = { kind: 'end', status: 'FAILED', error, endedAt: Date.now() } as const;
      this.points.spill([...this.jobs.flatMap((job) => job.record ?? []), end]);
      const message = `run ${this.name}: ${reason}: its last records wait in ${this.points.spillFile} and are stored when the tracker is next opened`;
      this.context.warn({ code: 'TRACKER_WRITE', message, cause });
    } catch (second) {
      const message = `run ${this.name}: ${this.points.waiting} points and its end are lost: ${reason}; ${reasonOf(second)}`;
      this.context.warn({ code: 'TRACKER_WRITE', message, cause: second });
    }
    this.release();
  }

  private tick(now = Date.now()): void {
    this.clock.adjust();
    this.lastAttempt = this.failures === 0 ? now : this.lastAttempt;
    const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** this.failures, LONGEST_BACKOFF_MS);
    if (this.failures > 0 && now - this.lastAttempt < backoff) {
      this.bound();
      return;
    }
    this.storeConsole();
    const due = now - this.lastHeartbeat >= HEARTBEAT_INTERVAL_MS;
    if (!due && this.points.waiting === 0 && this.jobs.length === 0) return;
    const waiting = this.points.waiting > 0;
    // theirs is the earlier place, and waiting for them would hold up training where the database is locked
    if ((this.failures > 0 || this.jobs.length > 0) && this.points.onTheirWay) return this.bound();
    if (this.failures > 0 || this.jobs.length > 0 || !this.points.handOver()) {
      this.patiently(() => this.flush());
    } else if (waiting) {
      this.lastHeartbeat = now; // stored with the points
    } else this.beat(now);
  }

  /** Only ever a short wait for other processes: the training thread has better things to do. */
  private patiently(act: () => void, patienceMs = PATIENCE_MS): void {
    const { database } = this.context;
    const before = Number(database.pragma('busy_timeout', { simple: true }));
    database.pragma(`busy_timeout = ${Math.min(patienceMs, before)}`);
    try {
      act();
    } finally {
      database.pragma(`busy_timeout = ${before}`);
    }
  }

  private beat(now: number): void {
    this.lastHeartbeat = now;
    if (this.points.beat()) return;
    this.patiently(() => {
      try {
        this.run('UPDATE owners SET heartbeat_at = ? WHERE run_id = ?', [now, this.id]);
      } catch (error) {
        this.failed('the heartbeat', error);
      }
    });
  }

  /** Keeps memory bounded while nothing can be stored. */
  private bound(): void {
    try {
      const file = this.points.spillExcess();
      if (file === undefined) return;
      const message = `run ${this.name}: what waits is kept in ${file} until it can be stored`;
      this.context.warn({ code: 'TRACKER_WRITE', message });
    } catch (cause) {
      const before = this.dropped;
      this.dropped += this.points.dropExcess();
      if (this.dropped === before) return;
      const message = `run ${this.name}: ${this.dropped} points are lost: neither the database nor a file takes them (${reasonOf(cause)})`;
      this.context.warn({ code: 'TRACKER_WRITE', message, cause });
    }
  }

  private storeConsole(): void {
    const lines = this.console?.take();
    if (lines === undefined) return;
    const insert = `INSERT INTO console_chunks (run_id, number, lines)
      VALUES (?, (SELECT coalesce(max(number), 0) + 1 FROM console_chunks WHERE run_id = ?), ?)`;
    this.patiently(() =>
      this.attempt({ what: 'console output', store: () => this.run(insert, [this.id, this.id, lines]) }),
    );
  }

  private run(sql: string, values: readonly unknown[]): void {
    this.context.database.prepare(sql).run(...values);
  }

  /** Stores one thing now; where that fails it waits for the next flush. */
  private attempt(job: Job): void {
    this.assertRunning();
    try {
      this.patiently(() => this.context.database.transaction(job.store).immediate(), LONG_PATIENCE_MS);
    } catch (error) {
      this.jobs.push(job);
      this.failed(job.what, error);
    }
  }

  /** Everything that waits. Points go first and by themselves: a file too large for the disk must not hold them up. */
  private storePending(): void {
    this.lastAttempt = Date.now();
    this.points.store();
    this.run('UPDATE owners SET heartbeat_at = ? WHERE run_id = ?', [this.lastAttempt, this.id]);
    this.lastHeartbeat = this.lastAttempt;
    for (let job = this.jobs[0]; job !== undefined; job = this.jobs[0]) {
      this.context.database.transaction(job.store).immediate();
      this.jobs.shift();
    }
    this.succeeded();
  }

  private storeEnd(status: RunStatus, error: RunError | undefined): void {
    this.run(
      'UPDATE runs SET status = ?, error_code = ?, error_message = ?, error_step = ?, ended_at = ? WHERE id = ?',
      [status, error?.code ?? null, error?.message ?? null, error?.step ?? null, Date.now(), this.id],
    );
  }

  private end(status: RunStatus, error?: RunError): void {
    this.assertRunning();
    this.console?.stop();
    this.system?.stop();
    this.storeConsole();
    try {
      this.storePending();
      this.storeEnd(status, error);
    } catch (cause) {
      if (reasonOf(cause) === 'RUN_FINISHED') {
        this.release();
        throw new RunFinishedError(this.id, this.name, 'ended by another process');
      }
      throw new TrackerWriteError(`the end of run ${this.id} (${this.name})`, reasonOf(cause), cause);
    }
    this.status = status;
    this.release();
  }

  private release(): void {
    clearInterval(this.timer);
    this.system?.stop();
    this.console?.stop();
    this.context.onEnd(this);
  }

  private assertRunning(): void {
    if (this.status !== 'RUNNING') throw new RunFinishedError(this.id, this.name, this.status);
  }

  private failed(what: string, cause: unknown): void {
    this.failures++;
    this.lastAttempt = Date.now();
    const waiting = `${this.points.waiting} points and ${this.jobs.length} other records wait in memory`;
    const advice = isDiskFull(cause) ? '; free some space and they are stored' : '';
    // the first failure of a row of them is news (a lock only where it lasts), and then one of every ten
    if (this.failures % 10 !== (isBusy(cause) ? 3 : 1)) return;
    this.warned = true;
    const message = `run ${this.name}: ${what} not stored (${reasonOf(cause)}): ${waiting}${advice}`;
    this.context.warn({ code: 'TRACKER_WRITE', message, cause });
  }

  private succeeded(): void {
    if (this.failures === 0) return;
    this.failures = 0;
    if (!this.warned) return;
    this.warned = false;
    const message = `run ${this.name}: everything that waited is stored now`;
    this.context.warn({ code: 'TRACKER_RECOVERED_WRITE', message });
  }

  private warnInput(message: string): void {
    this.context.warn({ code: 'TRACKER_INPUT', message: `run ${this.name}: ${message}` });
  }
}
