import type { Database } from 'better-sqlite3';
import { namesNear } from '@atelier/base';
import { JsonObject, type RunError } from '../schema.ts';
import { TrackerAccessError } from '../errors.ts';
import { sourceOf } from '../source-of.ts';
import { numberOrNull } from '../store/nan.ts';
import type { Tracker } from '../tracker.ts';
import { SweepExistsError, SweepUnknownError } from './errors.ts';
import { checkLead, releaseLead, renewLead, takeLead } from './lead.ts';
import { claim, enqueue, giveUp, holding, reclaim, requeue } from './queue.ts';
import { reportsOf, toSweep, toTrial, valuesText, type SweepRow, type TrialRow } from './records.ts';
import {
  SweepStart,
  type Claim,
  type Enqueued,
  type Sweep,
  type SweepStatus,
  type SweepTrial,
  type TrialStart,
} from './schema.ts';

/**
 * Sweeps and their trials. A trial is claimed under a lease: whoever holds it renews it by heartbeats, and says everything with
 * the token it was given. Once the trial was taken back (reclaim) or given on, every call with that token throws LeaseLostError, so a worker that wakes
 * up late cannot write.
 */
export interface Sweeps {
  /** @throws SweepExistsError where the name is taken. */
  create(start: SweepStart): Sweep;
  /** By id or name. @throws SweepUnknownError with the nearest names. */
  get(sweep: number | string): Sweep;
  /** Newest first. */
  list(filter?: { project?: string | undefined; status?: SweepStatus | undefined }): Sweep[];
  /** Makes the caller the only one who schedules. @throws SweepBusyError */
  lead(id: number, by: { owner: string; leaseMs: number }): string;
  /** @throws LeaseLostError */
  renewLead(id: number, lead: string, leaseMs: number): { stopRequested: boolean };
  release(id: number, lead: string, status: Exclude<SweepStatus, 'RUNNING'>): void;
  /** Asks whoever leads to stop. */
  requestStop(id: number): void;
  changeSpec(id: number, lead: string, spec: JsonObject): void;
  enqueue(id: number, lead: string, trials: readonly TrialStart[]): Enqueued[];
  /** By number; reports only where asked for. `since`: only those whose number is at least that. */
  trials(id: number, options?: { reports?: boolean | undefined; since?: number | undefined }): SweepTrial[];
  /**
   * Puts FAILED trials back into the queue, all of them or those of these numbers, for one attempt more than they had, and
   * returns them. Trials in other states stay as they are.
   * @throws LeaseLostError
   */
  requeue(id: number, lead: string, numbers?: readonly number[]): SweepTrial[];
  claim(id: number, by: { worker: string; leaseMs: number }): Claim | undefined;
  heartbeat(trialId: number, token: string, leaseMs: number): { stop: boolean };
  report(trialId: number, token: string, at: { step: number; value: number }): void;
  attachRun(trialId: number, token: string, runId: number): void;
  complete(trialId: number, token: string, values: readonly number[]): void;
  prune(trialId: number, token: string, reason: string): void;
  /** RETRY: it waits again. */
  fail(trialId: number, token: string, error: RunError): 'RETRY' | 'FAILED';
  /** Gives the trial back, the attempt not counted. */
  park(trialId: number, token: string): void;
  /** Takes back what dead or silent workers hold. */
  reclaim(
    id: number,
    options?: { workers?: readonly string[] | undefined; now?: number | undefined },
  ): SweepTrial[];
}

function rowOf(database: Database, sweep: number | string): SweepRow {
  const typed = String(sweep);
  const found =
    database.prepare<[string], SweepRow>('SELECT * FROM sweeps WHERE name = ?').get(typed) ??
    (/^\d+$/.test(typed)
      ? database.prepare<[number], SweepRow>('SELECT * FROM sweeps WHERE id = ?').get(Number(typed))
      : undefined);
  if (found !== undefined) return found;
  const names = database.prepare('SELECT name FROM sweeps').pluck().all() as string[];
  throw new SweepUnknownError(sweep, namesNear(typed, names));
}

function listSweeps(database: Database, filter: Parameters<Sweeps['list']>[0] = {}): Sweep[] {
  return database
    .prepare<unknown[], SweepRow>(
      `SELECT * FROM sweeps WHERE (@project IS NULL OR project = @project) AND (@status IS NULL OR status = @status)
       ORDER BY id DESC`,
    )
    .all({ project: filter.project ?? null, status: filter.status ?? null })
    .map((row) => toSweep(database, row));
}

function listTrials(
  database: Database,
  id: number,
  options: Parameters<Sweeps['trials']>[1] = {},
): SweepTrial[] {
  const read = database.transaction(() => {
    const reports = options.reports === true ? reportsOf(database, id) : undefined;
    return database
      .prepare<[number, number], TrialRow>(
        'SELECT * FROM sweep_trials WHERE sweep_id = ? AND number >= ? ORDER BY number',
      )
      .all(id, options.since ?? 0)
      .map((row) => toTrial(row, reports?.get(row.id)));
  });
  return read();
}

function create(database: Database, start: SweepStart): Sweep {
  const { project, name, spec, datasetDigest, codeVersion, maxAttempts } = SweepStart.parse(start);
  const add = database.transaction(() => {
    const taken = database
      .prepare<[string], { status: string }>('SELECT status FROM sweeps WHERE name = ?')
      .get(name);
    if (taken !== undefined) throw new SweepExistsError(name, taken.status);
    database
      .prepare(
        `INSERT INTO sweeps (name, project, status, spec, dataset_digest, code_version, max_attempts, created_at)
         VALUES (?, ?, 'PAUSED', ?, ?, ?, ?, ?)`,
      )
      .run(name, project, JSON.stringify(spec), datasetDigest ?? null, codeVersion, maxAttempts, Date.now());
  });
  add.immediate();
  return toSweep(database, rowOf(database, name));
}

/** What a worker says of a trial it holds. */
function workerCalls(database: () => Database) {
  const end = (trialId: number, token: string, columns: string, ...values: unknown[]): void =>
    holding(database(), trialId, token, () => {
      database()
        .prepare(`UPDATE sweep_trials SET ${columns}, token = NULL, lease_until = NULL WHERE id = ?`)
        .run(...values, trialId);
    });
  return {
    heartbeat: (trialId: number, token: string, leaseMs: number) =>
      holding(database(), trialId, token, ({ sweep_id: sweepId }) => {
        database()
          .prepare('UPDATE sweep_trials SET lease_until = ? WHERE id = ?')
          .run(Date.now() + leaseMs, trialId);
        const stop = database()
          .prepare('SELECT stop_requested FROM sweeps WHERE id = ?')
          .pluck()
          .get(sweepId);
        return { stop: stop === 1 };
      }),
    report: (trialId: number, token: string, { step, value }: { step: number; value: number }) =>
      holding(database(), trialId, token, () => {
        database()
          .prepare('INSERT OR REPLACE INTO trial_reports (trial_id, step, value) VALUES (?, ?, ?)')
          .run(trialId, step, numberOrNull(value));
      }),
    attachRun: (trialId: number, token: string, runId: number) =>
      holding(database(), trialId, token, () => {
        database().prepare('UPDATE sweep_trials SET run_id = ? WHERE id = ?').run(runId, trialId);
      }),
    complete: (trialId: number, token: string, values: readonly number[]) =>
      end(
        trialId,
        token,
        "state = 'COMPLETE', objective_values = ?, error = NULL, ended_at = max(started_at, ?)",
        valuesText(values),
        Date.now(),
      ),
    prune: (trialId: number, token: string, reason: string) =>
      end(
        trialId,
        token,
        "state = 'PRUNED', prune_reason = ?, error = NULL, ended_at = max(started_at, ?)",
        reason,
        Date.now(),
      ),
    park: (trialId: number, token: string) =>
      end(trialId, token, "state = 'QUEUED', attempts = attempts - 1, started_at = NULL"),
    fail: (trialId: number, token: string, error: RunError) =>
      holding(database(), trialId, token, (row) => {
        const most = database()
          .prepare('SELECT max_attempts FROM sweeps WHERE id = ?')
          .pluck()
          .get(row.sweep_id);
        const { state } = giveUp(database(), row, Number(most), error, Date.now());
        return state === 'QUEUED' ? 'RETRY' : 'FAILED';
      }),
  } satisfies Partial<Sweeps>;
}

/** The sweeps of a tracker's store, for as long as the tracker is open. Over a read-only tracker they can only be read. */
export function openSweeps(tracker: Tracker): Sweeps {
  const source = sourceOf(tracker);
  const reading = (): Database => source.database;
  const writing = (): Database => {
    if (tracker.readonly)
      throw new TrackerAccessError(
        tracker.home,
        'it is open for reading only (its folder cannot be written, or nothing was recorded yet)',
        undefined,
      );
    return source.database;
  };
  return {
    create: (start) => create(writing(), start),
    get: (sweep) => toSweep(reading(), rowOf(reading(), sweep)),
    list: (filter) => listSweeps(reading(), filter),
    lead: (id, by) => takeLead(writing(), () => rowOf(writing(), id), by),
    renewLead: (id, lead, leaseMs) => renewLead(writing(), id, lead, leaseMs),
    release: (id, lead, status) => releaseLead(writing(), id, lead, status),
    requestStop(id) {
      writing().prepare('UPDATE sweeps SET stop_requested = 1 WHERE id = ?').run(rowOf(writing(), id).id);
    },
    changeSpec(id, lead, spec) {
      const change = writing().transaction(() => {
        checkLead(writing(), id, lead);
        writing()
          .prepare('UPDATE sweeps SET spec = ? WHERE id = ?')
          .run(JSON.stringify(JsonObject.parse(spec)), id);
      });
      change.immediate();
    },
    enqueue: (id, lead, trials) => enqueue(writing(), id, lead, trials),
    trials: (id, options) => listTrials(reading(), rowOf(reading(), id).id, options),
    requeue: (id, lead, numbers) => requeue(writing(), id, lead, numbers),
    claim: (id, { worker, leaseMs }) => claim(writing(), id, worker, leaseMs),
    ...workerCalls(writing),
    reclaim: (id, { workers = [], now } = {}) => reclaim(writing(), id, workers, now),
  };
}
