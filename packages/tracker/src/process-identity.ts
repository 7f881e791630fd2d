import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Enough to tell later whether the process that wrote a run still lives, also after a reboot or a reused pid. */
export interface ProcessIdentity {
  readonly machine: string;
  /** Changes with every boot. Absent where the system does not say. */
  readonly boot: string | null;
  /** Containers count processes apart. Absent where the system does not say. */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** When the process started, in the system's own words: a reused pid has another. */
  readonly processStart: string | null;
}

function orNull(read: () => string): string | null {
  try {
    return read().trim() || null;
  } catch {
    return null;
  }
}

/** Fields after the command name, which stands in brackets and may itself hold spaces and brackets. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * When process `pid` started; undefined where there is no such process or it is a zombie.
 * From /proc (field 22, clock ticks since boot), elsewhere from `ps`.
 */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const fields = statFields(pid);
      return /^[ZX]/.test(fields[0] ?? '') ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  if (process.platform === 'win32') return undefined;
  const options: ExecFileSyncOptionsWithStringEncoding = {
    encoding: 'utf8',
    timeout: 2000,
    stdio: ['ignore', 'pipe', 'ignore'],
  };
  return orNull(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options)) ?? undefined;
}

export function ownIdentity(): ProcessIdentity {
  return {
    // images copy their machine-id to every host, so it takes the host's name too
    machine: `${orNull(() => readFileSync('/etc/machine-id', 'utf8')) ?? ''}/${hostname()}`,
    boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    processStart: startOf(process.pid) ?? null,
  };
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export type Liveness = 'alive' | 'dead' | 'unknown';

/** Whether the process of `owner` still runs. 'unknown' where it ran on another machine or in another container. */
export function livenessOf(owner: ProcessIdentity, here: ProcessIdentity = ownIdentity()): Liveness {
  // within one boot the machine is the same whatever it is called, as containers rename it
  if (owner.boot !== null && owner.boot === here.boot) {
    if (owner.pidNamespace !== here.pidNamespace) return 'unknown';
  } else if (owner.machine !== here.machine) {
    return 'unknown';
  } else if (owner.boot !== null && here.boot !== null) {
    return 'dead';
  }
  if (!signalReaches(owner.pid)) return 'dead';
  if (owner.processStart === null) return 'alive';
  return startOf(owner.pid) === owner.processStart ? 'alive' : 'dead';
}
