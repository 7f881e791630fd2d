import type { Database } from 'better-sqlite3';
import type { TrackerWarning } from './schema.ts';
import { readSpill, spilledRuns } from './store/spill-file.ts';
import { replaySpill } from './store/spill-replay.ts';
import { reasonOf } from './write-failure.ts';
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
  UPDATE runs SET status = 'FAILED', error_code = 'PROCESS_DIED', error_message = ?, ended_at = max(started_at, ?)
  WHERE id = ? AND status = 'RUNNING'`;

/** Why the run counts as dead; undefined where it lives. A silent process that still exists is busy, not dead. */
function causeOfDeath(run: OwnedRun, here: ProcessIdentity, now: number): string | undefined {
  const liveness = livenessOf(run, here);
  const heartbeat = `last heartbeat ${new Date(run.heartbeatAt).toISOString()}`;
  if (liveness === 'dead') return `process ${run.pid} died without ending the run; ${heartbeat}`;
  if (liveness === 'alive' || now - run.heartbeatAt < FOREIGN_SILENCE_MS) return undefined;
  return `process ${run.pid} of another machine or container has been silent for over an hour; ${heartbeat}`;
}

/** A run whose process is gone. */
export interface DeadRun extends RecoveredRun {
  readonly heartbeatAt: number;
}

/** Runs that say RUNNING although their process is gone. Reads only. */
export function findDeadRuns(database: Database, now = Date.now()): DeadRun[] {
  const running = database.prepare<[], OwnedRun>(OWNED_RUNNING).all();
  if (running.length === 0) return [];
  const here = ownIdentity();
  return running.flatMap(({ id, project, name, heartbeatAt, ...identity }) => {
    const run = { id, project, name, heartbeatAt, ...identity };
    // our own runs live
    if (identity.pid === here.pid && identity.processStart === here.processStart) return [];
    const reason = causeOfDeath(run, here, now);
    return reason === undefined ? [] : [{ id, project, name, heartbeatAt, reason }];
  });
}

/** Stores what runs without a living writer have spilled. Ids of those whose records still do not fit. */
function replayAll(database: Database, home: string, dead: readonly DeadRun[], warn: Warn): Set<number> {
  const stuck = new Set<number>();
  const owned = new Set(dead.map((run) => run.id));
  for (const id of spilledRuns(home)) {
    if (!owned.has(id) && !hasEnd(home, id)) continue;
    try {
      const found = replaySpill(database, home, id);
      if (found === undefined) continue;
      const damaged = found.damaged ? '; the end of its spill file was damaged and is lost' : '';
      const message = `run ${id}: ${found.points} points of its spill file are stored now${damaged}`;
      warn({ code: 'TRACKER_RECOVERED_WRITE', message });
    } catch (cause) {
      stuck.add(id);
      const message = `run ${id}: its spill file is not stored yet (${reasonOf(cause)})`;
      warn({ code: 'TRACKER_WRITE', message, cause });
    }
  }
  return stuck;
}

function hasEnd(home: string, id: number): boolean {
  return readSpill(home, id).records.some((record) => record.kind === 'end');
}

type Warn = (warning: TrackerWarning) => void;

/**
 * Stores what dead runs have spilled, marks them FAILED, ended at their last heartbeat, and says which. A run whose
 * spilled records still do not fit stays as it is until the next opening.
 */
export function recoverDeadRuns(
  database: Database,
  home: string,
  warn: Warn,
  now = Date.now(),
): RecoveredRun[] {
  const found = findDeadRuns(database, now);
  const stuck = replayAll(database, home, found, warn);
  const dead = found.filter((run) => !stuck.has(run.id));
  if (dead.length === 0) return [];
  const mark = database.prepare(MARK_FAILED);
  const markAll = database.transaction(() =>
    // several processes may find the same dead run: only the one that marks it reports it
    dead.filter((run) => mark.run(run.reason, run.heartbeatAt, run.id).changes === 1),
  );
  return markAll.immediate().map(({ id, project, name, reason }) => ({ id, project, name, reason }));
}
