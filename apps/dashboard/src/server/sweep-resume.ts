import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { openSweeps, type Tracker } from '@atelier/tracker';
import { SweepResumeError } from '../errors.ts';

/** A command that carries a sweep on, in a process of its own. */
export interface SweepCommand {
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>;
  /** What it has printed so far. */
  words(): string;
}

/** Starts the command for the sweep of this id. */
export type StartSweep = (id: number) => SweepCommand;

const LOOK_MS = 100;
const PATIENCE_MS = 30_000;
const MOST_LINES = 12;

/** The command's error, or its last lines where it names none. */
function problemIn(words: string): string {
  const lines = stripVTControlCharacters(words).trim().split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('error:'));
  return (at < 0 ? lines.slice(-MOST_LINES) : lines.slice(at, at + MOST_LINES)).join('\n');
}

/**
 * Has a sweep carried on. Waits until somebody leads it (or it has ended already), so that what keeps it from starting is
 * told to whoever asked. The process goes on when this server ends.
 * @throws SweepResumeError; what `openSweeps` throws for a sweep that is not there.
 */
export async function resumeSweep(
  tracker: Tracker,
  start: StartSweep,
  id: number,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const sweeps = openSweeps(tracker);
  const { name, lead, status } = sweeps.get(id);
  if (lead !== undefined)
    throw new SweepResumeError('SWEEP_RUNNING', `${name} is being carried out by ${lead.owner}`);
  if (status === 'FINISHED') throw new SweepResumeError('SWEEP_FINISHED', `${name} has finished`);
  const command = start(id);
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const code = await Promise.race([command.ended, wait(LOOK_MS)]);
    if (code === 0 || sweeps.get(id).lead !== undefined) return;
    if (code !== undefined) throw new SweepResumeError('SWEEP_RESUME', problemIn(command.words()));
  }
}
