import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker, type Transferable } from 'node:worker_threads';
import { STARTER } from './typescript.ts';

/** Starts a thread on one of our sources, which finds `data` in its `workerData`. */
export function startThread(entry: URL, data: object, transferList: readonly Transferable[] = []): Worker {
  return new Worker(STARTER, {
    argv: [fileURLToPath(entry)],
    execArgv: [],
    workerData: data,
    transferList: [...transferList],
  });
}

/** Starts a process on one of our sources. */
export function startProcess(entry: URL, options: ForkOptions): ChildProcess {
  return fork(STARTER, [fileURLToPath(entry)], { execArgv: [], ...options });
}
