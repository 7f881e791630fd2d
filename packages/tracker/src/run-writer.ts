import type { Database } from 'better-sqlite3';
import { storeArtifact } from './artifact-store.ts';
import { CurveWriter, numberOrNull } from './curve-store.ts';
import { RunFinishedError, TrackerWriteError } from './errors.ts';
import { checkDataset, toLedgerRow, writeDataset, writeLedger } from './ledger.ts';
import { PointBuffer } from './point-buffer.ts';
import type { DatasetRecord, PredictionInput, RunError, RunStatus, TrackerWarning } from './schema.ts';
import { isDiskFull, reasonOf } from './write-failure.ts';

export const FLUSH_INTERVAL_MS = 500;
export const HEARTBEAT_INTERVAL_MS = 5000;
const LONGEST_BACKOFF_MS = 10_000;

/**
 * Records one run. Nothing here but `startRun`, `finish`, `fail` and `kill` waits for the disk to agree: what cannot
 * be stored is a warning, is kept and is tried again. Leaving the scope of a `using` fails an unfinished run.
 */
export interface RunWriter extends Disposable {
  readonly id: number;
  readonly name: string;
  /** Appends to memory (about a microsecond); stored within half a second. NaN and infinities are kept as such. */
  log(metrics: Readonly<Record<string, number>>, at: { step: number; epoch?: number | undefined }): void;
  /** `path` is the name within the run; the same path again replaces it. */
  logArtifact(path: string, bytes: Uint8Array, mediaType: string): void;
  /** Stores the dataset's record once however many runs log it, and makes it the run's where it has none. */
  logDataset(dataset: DatasetRecord): void;
  logPredictions(predictions: PredictionInput): void;
  /** Numbers that describe the run as a whole, such as `test/accuracy`; they win over curves of the same name. */
  setSummary(values: Readonly<Record<string, number>>): void;
  /** Stores everything that waits, now. False (and a warning) where that failed. */
  flush(): boolean;
  /** These end the run. They throw TrackerWriteError where that cannot be stored, and may then be called again. */
  finish(): void;
  fail(error: RunError): void;
  kill(reason: string): void;
  prune(reason: string): void;
}

interface Job {
  readonly what: string;
  readonly store: () => void;
}

/** What a writer needs of its tracker. */
export interface WriterContext {
  readonly database: Database;
  readonly home: string;
  readonly warn: (warning: TrackerWarning) => void;
  readonly onEnd: (writer: RunWriter) => void;
}

export class SqliteRunWriter implements RunWriter {
  readonly id: number;
  readonly name: string;
  private readonly context: WriterContext;
  private readonly curves: CurveWriter;
  private readonly points = new PointBuffer();
  private readonly keys = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private keyIds: number[] = [];
  private jobs: Job[] = [];
  private nextSeq = 1;
  private status: RunStatus = 'RUNNING';
  private failures = 0;
  private lastAttempt = Date.now();
  private lastHeartbeat = Date.now();

  constructor(context: WriterContext, id: number, name: string) {
    this.context = context;
    this.id = id;
    this.name = name;
    this.curves = new CurveWriter(context.database);
    this.timer = setInterval(() => this.tick(), FLUSH_INTERVAL_MS);
    this.timer.unref();
  }

  log(metrics: Readonly<Record<string, number>>, at: { step: number; epoch?: number | undefined }): void {
    this.assertRunning();
    const now = Date.now();
    const epoch = at.epoch ?? NaN;
    if (!Number.isSafeInteger(at.step)) {
      this.warnInput(`step ${at.step} is no whole number: ${Object.keys(metrics).join(', ')} not logged`);
      return;
    }
    for (const name in metrics) {
      const value = metrics[name];
      if (typeof value === 'number') this.points.push(this.keyOf(name), at.step, epoch, now, value);
      else this.warnInput(`${name} at step ${at.step} is ${typeof value}, not a number: not logged`);
    }
    // a blocked event loop starves the timer
    if (now - this.lastAttempt >= 2 * FLUSH_INTERVAL_MS) this.tick(now);
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
      },
    });
  }

  logPredictions(predictions: PredictionInput): void {
    const row = toLedgerRow(predictions);
    this.attempt({
      what: `predictions of ${predictions.split}`,
      store: () => writeLedger(this.context.database, this.id, row),
    });
  }

  setSummary(values: Readonly<Record<string, number>>): void {
    const kept = Object.entries(values);
    const set = `INSERT INTO summaries (run_id, key_id, value) VALUES (?, ?, ?)
      ON CONFLICT (run_id, key_id) DO UPDATE SET value = excluded.value`;
    const store = (): void => {
      for (const [name, value] of kept)
        this.run(set, [this.id, this.curves.keyId(name), numberOrNull(value)]);
    };
    this.attempt({ what: 'summary', store });
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
    } catch (cause) {
      this.context.warn({ code: 'TRACKER_WRITE', message: reasonOf(cause), cause });
      this.release();
    }
  }

  private tick(now = Date.now()): void {
    const backoff = Math.min(FLUSH_INTERVAL_MS * 2 ** this.failures, LONGEST_BACKOFF_MS);
    if (this.failures > 0 && now - this.lastAttempt < backoff) return;
    const due = now - this.lastHeartbeat >= HEARTBEAT_INTERVAL_MS;
    if (due || this.points.length > 0 || this.jobs.length > 0) this.flush();
  }

  private keyOf(name: string): number {
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    const key = this.keys.size;
    this.keys.set(name, key);
    return key;
  }

  private run(sql: string, values: readonly unknown[]): void {
    this.context.database.prepare(sql).run(...values);
  }

  /** Stores one thing now; where that fails it waits for the next flush. */
  private attempt(job: Job): void {
    this.assertRunning();
    try {
      this.context.database.transaction(job.store).immediate();
    } catch (error) {
      this.jobs.push(job);
      this.failed(job.what, error);
    }
  }

  /** Everything that waits, and the run's end where it has one, in one transaction. */
  private storePending(end?: { status: RunStatus; error: RunError | undefined }): void {
    const now = (this.lastAttempt = Date.now());
    const keyIds = [...this.keyIds];
    this.context.database
      .transaction(() => {
        for (const [name, key] of this.keys) keyIds[key] ??= this.curves.keyId(name);
        for (const job of this.jobs) job.store();
        this.curves.writePoints(this.id, this.points, keyIds, this.nextSeq);
        this.run('UPDATE owners SET heartbeat_at = ? WHERE run_id = ?', [now, this.id]);
        if (end !== undefined) this.storeEnd(end.status, end.error, now);
      })
      .immediate();
    this.lastHeartbeat = now;
    this.keyIds = keyIds;
    this.nextSeq += this.points.length;
    this.points.clear();
    this.jobs = [];
    this.succeeded();
  }

  private storeEnd(status: RunStatus, error: RunError | undefined, now: number): void {
    this.run(
      'UPDATE runs SET status = ?, error_code = ?, error_message = ?, error_step = ?, ended_at = ? WHERE id = ?',
      [status, error?.code ?? null, error?.message ?? null, error?.step ?? null, now, this.id],
    );
  }

  private end(status: RunStatus, error?: RunError): void {
    this.assertRunning();
    try {
      this.storePending({ status, error });
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
    this.context.onEnd(this);
  }

  private assertRunning(): void {
    if (this.status !== 'RUNNING') throw new RunFinishedError(this.id, this.name, this.status);
  }

  private failed(what: string, cause: unknown): void {
    this.failures++;
    const waiting = `${this.points.length} points and ${this.jobs.length} other records wait in memory`;
    const advice = isDiskFull(cause) ? '; free some space and they are stored' : '';
    // the first failure of a row of them is news, and then one of every ten
    if (this.failures % 10 !== 1) return;
    const message = `run ${this.name}: ${what} not stored (${reasonOf(cause)}): ${waiting}${advice}`;
    this.context.warn({ code: 'TRACKER_WRITE', message, cause });
  }

  private succeeded(): void {
    if (this.failures === 0) return;
    this.failures = 0;
    const message = `run ${this.name}: everything that waited is stored now`;
    this.context.warn({ code: 'TRACKER_RECOVERED_WRITE', message });
  }

  private warnInput(message: string): void {
    this.context.warn({ code: 'TRACKER_INPUT', message: `run ${this.name}: ${message}` });
  }
}
