import type { Database } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { LeaseLostError, SweepBusyError } from './errors.ts';
import type { SweepRow } from './records.ts';
import type { SweepStatus } from './schema.ts';

/** Makes the caller the one who schedules the sweep. @throws SweepBusyError while another does. */
export function takeLead(
  database: Database,
  row: () => SweepRow,
  { owner, leaseMs }: { owner: string; leaseMs: number },
  now = Date.now(),
): string {
  const token = randomUUID();
  const take = database.transaction(() => {
    const { id, name, lead_token: held, lead_owner: by, lead_until: until } = row();
    if (held !== null && until! > now) throw new SweepBusyError(name, by!, until!);
    database
      .prepare(
        `UPDATE sweeps SET lead_token = ?, lead_owner = ?, lead_until = ?, status = 'RUNNING', stop_requested = 0,
           ended_at = NULL WHERE id = ?`,
      )
      .run(token, owner, now + leaseMs, id);
  });
  take.immediate();
  return token;
}

/** @throws LeaseLostError where the token no longer leads. */
export function checkLead(database: Database, sweepId: number, token: string): void {
  const leads = database.prepare('SELECT 1 FROM sweeps WHERE id = ? AND lead_token = ?').get(sweepId, token);
  if (leads === undefined) throw new LeaseLostError(`sweep ${sweepId}`);
}

/** Whether somebody asked the sweep to stop. @throws LeaseLostError */
export function renewLead(
  database: Database,
  sweepId: number,
  token: string,
  leaseMs: number,
  now = Date.now(),
): { stopRequested: boolean } {
  const stop = database
    .prepare<unknown[], number>(
      'UPDATE sweeps SET lead_until = ? WHERE id = ? AND lead_token = ? RETURNING stop_requested',
    )
    .pluck()
    .get(now + leaseMs, sweepId, token);
  if (stop === undefined) throw new LeaseLostError(`sweep ${sweepId}`);
  return { stopRequested: stop === 1 };
}

/** Ends the lead. @throws LeaseLostError */
export function releaseLead(
  database: Database,
  sweepId: number,
  token: string,
  status: Exclude<SweepStatus, 'RUNNING'>,
  now = Date.now(),
): void {
  const { changes } = database
    .prepare(
      `UPDATE sweeps SET status = ?, lead_token = NULL, lead_owner = NULL, lead_until = NULL, ended_at = ?
       WHERE id = ? AND lead_token = ?`,
    )
    .run(status, status === 'PAUSED' ? null : now, sweepId, token);
  if (changes === 0) throw new LeaseLostError(`sweep ${sweepId}`);
}
