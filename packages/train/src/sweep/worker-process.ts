import { fork } from 'node:child_process';
import type { FromWorker, ToWorker } from './messages.ts';
import { processName } from './process-name.ts';

/** A worker as the scheduler sees it. */
export interface WorkerProcess {
  /** What it claims trials as. */
  readonly name: string;
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Called once, with the reason in words. */
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}

/** The end of what it printed, which is where a crash says why. */
const KEPT_OUTPUT = 8000;

function reasonOf(code: number | null, signal: string | null, output: string): string {
  const how =
    signal === 'SIGKILL'
      ? 'killed by SIGKILL (by hand, or by the system for want of memory)'
      : signal !== null
        ? `ended by ${signal}`
        : `exit code ${code}`;
  const lines = output.trim().split('\n');
  // what node says of its end stands above a stack
  const said =
    lines.find((line) => /^(FATAL ERROR|\w*Error)\b/.test(line)) ??
    lines.findLast((line) => /error/i.test(line)) ??
    lines.at(-1) ??
    '';
  return said === '' ? how : `${how}: ${said.trim().slice(0, 300)}`;
}

/** Starts a script in a process of its own, with this process's flags of node and more. */
export function startWorkerProcess(
  entry: string,
  args: readonly string[],
  flags: readonly string[],
): WorkerProcess {
  const child = fork(entry, [...args], {
    execArgv: [...process.execArgv, ...flags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (text: Buffer): void => void (output = `${output}${text.toString()}`.slice(-KEPT_OUTPUT));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  // a message to a worker that has just died is lost, as the worker is
  child.on('error', () => {});
  return {
    name: child.pid === undefined ? '' : processName(child.pid),
    pid: child.pid,
    send: (message) => void (child.connected && child.send(message, () => {})),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
    onExit: (listener) =>
      void child.once('close', (code, signal) => listener(reasonOf(code, signal, output))),
    kill: () => void child.kill('SIGKILL'),
  };
}
