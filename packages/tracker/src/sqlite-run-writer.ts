import { Rest } from './attention.ts';
import { DatasetConflictError, RunFinishedError, TrackerWriteError } from './errors.ts';
import { pathFault } from './relative-path.ts';
import type { RunWriter } from './run-writer.ts';
import { ConsoleCapture } from './run/console-capture.ts';
import { SystemMetrics } from './run/system-metrics.ts';
import { WallClock } from './run/wall-clock.ts';
import type { Capture, DatasetRecord, PredictionInput, RunError, RunStatus } from './schema.ts';
import { Overflow } from './store/overflow.ts';
import { withPatience } from './store/patience.ts';
import { PendingPoints } from './store/pending-points.ts';
import {
  artifactJob,
  clashOf,
  consoleJob,
  datasetJob,
  predictionsJob,
  summaryJob,
  type Job,
  type JobTarget,
} from './store/write-jobs.ts';
import { WriteTrouble } from './store/write-trouble.ts';
import type { WriterContext } from './store/writer-context.ts';
import { reasonOf } from './write-failure.ts';

export const FLUSH_INTERVAL_MS = 100;
export const HEARTBEAT_INTERVAL_MS = 5000;
/** How long the training thread waits, on its own account, for another process to finish writing. */
const PATIENCE_MS = 50;
/** How long it waits when it stores something that it was asked to store now. */
const LONG_PATIENCE_MS = 2000;

export class SqliteRunWriter implements RunWriter {
  readonly id: number;
  readonly name: string;
  private readonly context: WriterContext;
  private readonly points: PendingPoints;
  private readonly target: JobTarget;
  private readonly trouble: WriteTrouble;
  private readonly overflow: Overflow;
  private readonly clock = new WallClock();
  private readonly timer: NodeJS.Timeout;
  private readonly system: SystemMetrics | undefined;
  private readonly console: ConsoleCapture | undefined;
  private jobs: Job[] = [];
  private status: RunStatus = 'RUNNING';
  private lastAttempt = Date.now();
  private lastHeartbeat = Date.now();
  private lastStored = 0;
  private readonly rest: Rest;

  constructor(context: WriterContext, id: number, name: string, capture: Capture = {}) {
    this.context = context;
    this.id = id;
    this.name = name;
    this.target = { database: context.database, home: context.home, runId: id };
    this.rest = new Rest(context.home);
    this.trouble = new WriteTrouble(name, context.warn);
    this.points = new PendingPoints(context.database, context.home, id, context.flusher, () =>
      this.trouble.failures === 0 ? void this.flush() : this.overflow.bound(),
    );
    this.overflow = new Overflow(name, this.points, context.warn);
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
    const fault = pathFault(path) ?? clashOf(this.context.database, this.id, path);
    if (fault !== undefined) {
      this.warnInput(`the artifact ${JSON.stringify(path)} is not stored: its name ${fault}`);
      return;
    }
    this.attempt(artifactJob(this.target, path, bytes, mediaType));
  }

  logDataset(dataset: DatasetRecord): void {
    this.attempt(datasetJob(this.target, dataset));
  }

  logPredictions(predictions: PredictionInput): void {
    this.attempt(predictionsJob(this.target, predictions));
  }

  setSummary(values: Readonly<Record<string, number>>): void {
    this.attempt(summaryJob(this.target, values));
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
    this.trouble.failures = 0;
    try {
      this.patiently(() => this.end('FAILED', { ...error, message }));
    } catch (cause) {
      this.leaveBehind({ ...error, message }, cause);
    }
  }

  private leaveBehind(error: RunError, cause: unknown): void {
    const end = { kind: 'end', status: 'FAILED', error, endedAt: Date.now() } as const;
    this.overflow.leaveBehind([...this.jobs.flatMap((job) => job.record ?? []), end], cause);
    this.release();
  }

  private tick(now = Date.now()): void {
    this.clock.adjust();
    if (now - this.lastAttempt < this.trouble.backoffMs) {
      this.overflow.bound();
      return;
    }
    if (this.trouble.failures === 0) this.lastAttempt = now;
    this.storeConsole();
    const due = now - this.lastHeartbeat >= HEARTBEAT_INTERVAL_MS;
    const waiting = this.points.waiting > 0 && now - this.lastStored >= this.rest.at(now);
    if (!due && !waiting && this.jobs.length === 0 && this.trouble.failures === 0) return;
    if (this.trouble.failures > 0 || this.jobs.length > 0 || !this.points.handOver()) {
      // storing here would wait until the flusher is through, and it has more patience with a lock than a step
      if (this.points.onTheirWay) this.overflow.bound();
      else this.patiently(() => this.flush());
    } else if (waiting) {
      this.lastStored = this.lastHeartbeat = now; // the heartbeat is stored with the points
    } else this.beat(now);
  }

  /** Only ever a short wait for other processes: the training thread has better things to do. */
  private patiently(act: () => void, patienceMs = PATIENCE_MS): void {
    withPatience(this.context.database, patienceMs, act);
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

  private storeConsole(): void {
    const lines = this.console?.take();
    if (lines === undefined) return;
    this.patiently(() => this.attempt(consoleJob(this.target, lines)));
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
      if (error instanceof DatasetConflictError) throw error; // trying again would not help
      this.jobs.push(job);
      this.failed(job.what, error);
    }
  }

  /** Everything that waits. Points go first and by themselves: a file too large for the disk must not hold them up. */
  private storePending(): void {
    this.lastAttempt = Date.now();
    this.points.store();
    this.lastStored = this.lastAttempt;
    this.run('UPDATE owners SET heartbeat_at = ? WHERE run_id = ?', [this.lastAttempt, this.id]);
    this.lastHeartbeat = this.lastAttempt;
    for (let job = this.jobs[0]; job !== undefined; job = this.jobs[0]) {
      this.context.database.transaction(job.store).immediate();
      this.jobs.shift();
    }
    this.trouble.succeeded();
  }

  private storeEnd(status: RunStatus, error: RunError | undefined): void {
    this.run(
      'UPDATE runs SET status = ?, error_code = ?, error_message = ?, error_step = ?, ended_at = max(started_at, ?) WHERE id = ?',
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
    this.lastAttempt = Date.now();
    const waiting = `${this.points.waiting} points and ${this.jobs.length} other records wait in memory`;
    this.trouble.failed(what, cause, waiting);
  }

  private warnInput(message: string): void {
    this.context.warn({ code: 'TRACKER_INPUT', message: `run ${this.name}: ${message}` });
  }
}
