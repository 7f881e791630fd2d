import { ENTRY } from '../../src/terminal/entry.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface SweepProcess {
  readonly child: ChildProcess;
  /** When it has ended. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Starts `train sweep <args>` in a process of its own. */
export function startSweep(
  home: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  onStderr: (text: string) => void = () => {},
): SweepProcess {
  const child = spawn(process.execPath, [ENTRY, 'sweep', ...args], {
    env: { ...process.env, ...environment, ATELIER_HOME: home },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
    onStderr(text.toString());
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}

/** Runs it to its end. @throws where it fails */
export async function runSweep(
  home: string,
  args: readonly string[],
  environment = {},
  onStderr?: (text: string) => void,
): Promise<string> {
  const { code, stdout, stderr } = await startSweep(home, args, environment, onStderr).ended;
  if (code !== 0) throw new Error(`sweep ${args.join(' ')} ended with ${code}: ${stderr.slice(-2000)}`);
  return stdout;
}

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Worker processes of a sweep process (Linux). */
export function workersOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children
      .split(' ')
      .filter((text) => text !== '')
      .map(Number)
      .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('sweep/worker'));
  } catch {
    return [];
  }
}

export { isRunning };
