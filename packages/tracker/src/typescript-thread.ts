import { Worker, type Transferable } from 'node:worker_threads';
import { typescriptRegistration } from './typescript-loader.ts';

/** TypeScript in a worker: this Node may not read it by itself. */
const BOOT = `
  const { workerData } = require('node:worker_threads');
  (async () => {
    if (workerData.loader) (await import(workerData.loader)).register();
    await import(workerData.entry);
  })();`;

/** Starts a thread on one of our sources, which finds `data` in its `workerData`. */
export function startThread(entry: URL, data: object, transferList: readonly Transferable[] = []): Worker {
  return new Worker(BOOT, {
    eval: true,
    execArgv: [],
    workerData: { ...data, loader: typescriptRegistration(), entry: entry.href },
    transferList: [...transferList],
  });
}
