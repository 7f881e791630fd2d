import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

function orEmpty(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** Fields of /proc/<pid>/stat after the command's name, which may itself hold spaces; empty elsewhere than on Linux. */
function statFields(pid: number): string[] {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Containers count processes apart. */
const namespace = (): string => orEmpty(() => readlinkSync('/proc/self/ns/pid')).replace(/\D/g, '');

/** A name for a process of this machine that is never given twice: a pid comes again, its start time does not. */
export function processName(pid: number = process.pid): string {
  return [hostname(), namespace(), pid, statFields(pid)[19] ?? ''].join('/');
}

/** Whether the process of this name is known to be gone. False also where it cannot be known: on other machines. */
export function isGone(name: string): boolean {
  const [host, space, pid, start] = name.split('/');
  if (host !== hostname() || space !== namespace()) return false;
  const fields = statFields(Number(pid));
  // a zombie has ended, and only waits for its parent to look
  if (process.platform === 'linux') return /^[ZX]?$/.test(fields[0] ?? '') || fields[19] !== start;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
