import type { Database } from 'better-sqlite3';
import { livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/** A run that was found RUNNING although nothing runs it any more. It is FAILED now. */
export interface RecoveredRun {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly reason: string;
}

interface OwnedRun extends ProcessIdentity {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly heartbeatAt: number;
}

/** Where a process cannot be looked up, silence this long counts as death: far longer than any training step. */
const FOREIGN_SILENCE_MS = 60 * 60 * 1000;

const OWNED_RUNNING = `
  SELECT id, project, name, machine, boot, pid_namespace AS pidNamespace, pid,
         process_start AS processStart, heartbeat_at AS heartbeatAt
  FROM runs JOIN owners ON owners.run_id = runs.id WHERE status = 'RUNNING'`;

const MARK_FAILED = `
  UPDATE runs SET status = 'FAILED', error_code = 'PROCESS_DIED', error_message = ?, ended_at = ?
  WHERE id = ? AND status = 'RUNNING'`;

/** Why the run counts as dead; undefined where it lives. A silent process that still exists is busy, not dead. */
function causeOfDeath(run: OwnedRun, here: ProcessIdentity, now: number): string | undefined {
  const liveness = livenessOf(run, here);
  const heartbeat = `last heartbeat ${new Date(run.heartbeatAt).toISOString()}`;
  if (liveness === 'dead') return `process ${run.pid} died without ending the run; ${heartbeat}`;
  if (liveness === 'alive' || now - run.heartbeatAt < FOREIGN_SILENCE_MS) return undefined;
  return `process ${run.pid} of another machine or container has been silent for over an hour; ${heartbeat}`;
}

/** Marks runs whose process is gone as FAILED, ended at their last heartbeat, and says which. */
export function recoverDeadRuns(database: Database, now = Date.now()): RecoveredRun[] {
  const running = database.prepare<[], OwnedRun>(OWNED_RUNNING).all();
  if (running.length === 0) return [];
  const here = ownIdentity();
  const mark = database.prepare(MARK_FAILED);
  const dead = running.flatMap((run) => {
    const reason = causeOfDeath(run, here, now);
    return reason === undefined ? [] : [{ run, reason }];
  });
  const markAll = database.transaction(() =>
    // several processes may find the same dead run: only the one that marks it reports it
    dead.filter(({ run, reason }) => mark.run(reason, run.heartbeatAt, run.id).changes === 1),
  );
  if (dead.length === 0) return [];
  return markAll
    .immediate()
    .map(({ run, reason }) => ({ id: run.id, project: run.project, name: run.name, reason }));
}
