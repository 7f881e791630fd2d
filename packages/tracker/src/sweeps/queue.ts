import type { Database } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { LeaseLostError } from './errors.ts';
import { toTrial, type TrialRow } from './records.ts';
import { TrialStart, type Claim, type Enqueued, type SweepTrial } from './schema.ts';
import { checkLead } from './lead.ts';

type Row = TrialRow | undefined;

/** An equal trial that is COMPLETE, wherever in the store. */
const EQUAL = `SELECT * FROM sweep_trials WHERE key = ? AND state = 'COMPLETE' ORDER BY id LIMIT 1`;

const ADD = `
  INSERT INTO sweep_trials (sweep_id, number, key, seed, parameters, config, state, run_id, reused_from,
    objective_values, queued_at, started_at, ended_at)
  VALUES (@sweepId, (SELECT coalesce(max(number) + 1, 0) FROM sweep_trials WHERE sweep_id = @sweepId), @key, @seed,
    @parameters, @config, @state, @runId, @reusedFrom, @values, @now, @at, @at)
  RETURNING *`;

/** The trial that has waited longest, a retry in its old place. */
const NEXT = `
  SELECT id FROM sweep_trials WHERE sweep_id = ? AND state = 'QUEUED' ORDER BY number LIMIT 1`;

const TAKE = `
  UPDATE sweep_trials SET state = 'RUNNING', token = @token, worker = @worker, lease_until = @until,
    attempts = attempts + 1, started_at = @now, ended_at = NULL, run_id = NULL, error = NULL
  WHERE id = @id RETURNING *`;

/** Adds trials, all or none, in their order. @throws LeaseLostError where `lead` no longer leads. */
export function enqueue(
  database: Database,
  sweepId: number,
  lead: string,
  trials: readonly TrialStart[],
  now = Date.now(),
): Enqueued[] {
  const starts = trials.map((trial) => TrialStart.parse(trial));
  const present = database.prepare<[number, string], TrialRow>(
    'SELECT * FROM sweep_trials WHERE sweep_id = ? AND key = ?',
  );
  const equal = database.prepare<[string], TrialRow>(EQUAL);
  const add = database.prepare<unknown[], TrialRow>(ADD);
  const addAll = database.transaction((): Enqueued[] => {
    checkLead(database, sweepId, lead);
    return starts.map(({ key, seed, parameters, config }) => {
      const known = present.get(sweepId, key);
      if (known !== undefined) return { number: known.number, outcome: 'PRESENT', trial: toTrial(known) };
      const same = equal.get(key) as Row;
      const row = add.get({
        sweepId,
        key,
        seed,
        parameters: JSON.stringify(parameters),
        config: JSON.stringify(config),
        state: same === undefined ? 'QUEUED' : 'COMPLETE',
        runId: same?.run_id ?? null,
        reusedFrom: same === undefined ? null : (same.reused_from ?? same.id),
        values: same?.objective_values ?? null,
        now,
        at: same === undefined ? null : now,
      })!;
      return { number: row.number, outcome: same ? 'REUSED' : 'ADDED', trial: toTrial(row) };
    });
  });
  return addAll.immediate();
}

/** FAILED trials wait again, their error kept until they are claimed. @throws LeaseLostError where `lead` no longer leads. */
export function requeue(
  database: Database,
  sweepId: number,
  lead: string,
  numbers?: readonly number[],
): SweepTrial[] {
  const change = database.transaction((): SweepTrial[] => {
    checkLead(database, sweepId, lead);
    return database
      .prepare<unknown[], TrialRow>(
        `UPDATE sweep_trials SET state = 'QUEUED', started_at = NULL, ended_at = NULL
         WHERE sweep_id = @sweepId AND state = 'FAILED'
           AND (@numbers IS NULL OR number IN (SELECT value FROM json_each(@numbers)))
         RETURNING *`,
      )
      .all({ sweepId, numbers: numbers === undefined ? null : JSON.stringify(numbers) })
      .map((row) => toTrial(row))
      .sort((a, b) => a.number - b.number);
  });
  return change.immediate();
}

/** Gives the next waiting trial to a worker; undefined where none waits. One transaction: no trial is given twice. */
export function claim(
  database: Database,
  sweepId: number,
  worker: string,
  leaseMs: number,
  now = Date.now(),
): Claim | undefined {
  const take = database.transaction((): Claim | undefined => {
    const id = database.prepare<[number], number>(NEXT).pluck().get(sweepId) as number | undefined;
    if (id === undefined) return undefined;
    const token = randomUUID();
    database.prepare('DELETE FROM trial_reports WHERE trial_id = ?').run(id);
    const row = database
      .prepare<unknown[], TrialRow>(TAKE)
      .get({ id, token, worker, until: now + leaseMs, now })!;
    return { trial: toTrial(row), token, attempt: row.attempts };
  });
  return take.immediate();
}

/** Runs a change of a trial that this token holds. @throws LeaseLostError */
export function holding<Result>(
  database: Database,
  trialId: number,
  token: string,
  change: (trial: TrialRow) => Result,
): Result {
  const run = database.transaction((): Result => {
    const row = database
      .prepare<[number, string], TrialRow>(
        "SELECT * FROM sweep_trials WHERE id = ? AND token = ? AND state = 'RUNNING'",
      )
      .get(trialId, token);
    if (row === undefined) throw new LeaseLostError(`trial ${trialId}`);
    return change(row);
  });
  return run.immediate();
}

interface Expired extends TrialRow {
  readonly max_attempts: number;
}

const DEAD = `
  SELECT t.*, s.max_attempts FROM sweep_trials t JOIN sweeps s ON s.id = t.sweep_id
  WHERE t.sweep_id = ? AND t.state = 'RUNNING'
    AND (t.lease_until < ? OR t.worker IN (SELECT value FROM json_each(?)))`;

/**
 * Takes trials back whose lease ran out or whose worker is known to be dead: they wait again, or are FAILED after the last
 * attempt. Their runs, where still RUNNING, are FAILED.
 */
export function reclaim(
  database: Database,
  sweepId: number,
  workers: readonly string[],
  now = Date.now(),
): SweepTrial[] {
  const takeBack = database.transaction((): SweepTrial[] => {
    const rows = database.prepare<unknown[], Expired>(DEAD).all(sweepId, now, JSON.stringify(workers));
    return rows.map((row) => {
      const why = workers.includes(row.worker ?? '') ? 'its worker died' : 'its worker fell silent';
      const message = `${why} (${row.worker ?? 'unknown'}, attempt ${row.attempts} of ${row.max_attempts})`;
      return toTrial(giveUp(database, row, row.max_attempts, { code: 'WORKER_DIED', message }, now));
    });
  });
  return takeBack.immediate();
}

/** Back to QUEUED while attempts are left, else FAILED. Within a transaction. */
export function giveUp(
  database: Database,
  row: TrialRow,
  maxAttempts: number,
  error: { readonly code: string; readonly message: string; readonly step?: number | undefined },
  now: number,
): TrialRow {
  const again = row.attempts < maxAttempts;
  if (row.run_id !== null) {
    database
      .prepare(
        `UPDATE runs SET status = 'FAILED', error_code = ?, error_message = ?, ended_at = max(started_at, ?)
         WHERE id = ? AND status = 'RUNNING'`,
      )
      .run(error.code, error.message, now, row.run_id);
  }
  return database
    .prepare<unknown[], TrialRow>(
      `UPDATE sweep_trials SET state = ?, token = NULL, lease_until = NULL, error = ?, ended_at = max(coalesce(started_at, 0), ?)
       WHERE id = ? RETURNING *`,
    )
    .get(again ? 'QUEUED' : 'FAILED', JSON.stringify(error), again ? null : now, row.id)!;
}
