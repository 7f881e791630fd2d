import { workerData, type MessagePort } from 'node:worker_threads';
import { openConnection } from '../connection.ts';
import { BatchStore } from './batch-store.ts';
import type { FlushRequest, FlushReply, Heartbeat } from './flusher.ts';

/**
 * The thread that stores points while the training thread goes on. It decides nothing: a batch that does not fit goes
 * back with the reason, and so do the run's later ones, in order, until the training thread says to try again.
 */
const { file, timeoutMs, port, settled } = workerData as {
  file: string;
  timeoutMs: number;
  port: MessagePort;
  settled: Int32Array;
};

function describe(error: unknown): NonNullable<FlushReply['reason']> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

function opened(): ReturnType<typeof openConnection> {
  try {
    const database = openConnection(file, { timeout: timeoutMs, fileMustExist: true });
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    return database;
  } catch (error) {
    // an error of SQLite's does not reach the other thread as an Error
    const { code, message } = describe(error);
    throw Object.assign(new Error(message, { cause: error }), { code });
  }
}

const database = opened();
const store = new BatchStore(database);
const names = new Map<number, string[]>();
const refusing = new Map<number, FlushReply['reason']>();

function attempt({ batch, newNames, fresh }: FlushRequest): FlushReply['reason'] {
  const known = names.get(batch.runId) ?? [];
  names.set(batch.runId, known);
  known.push(...newNames);
  if (fresh) refusing.delete(batch.runId);
  const reason = refusing.get(batch.runId);
  if (reason !== undefined) return reason;
  try {
    store.store(batch, known);
    return undefined;
  } catch (error) {
    const found = describe(error);
    refusing.set(batch.runId, found);
    return found;
  }
}

function beat(runId: number): void {
  try {
    store.heartbeat(runId);
  } catch {
    // the next one, or the next batch, comes in a few seconds
  }
}

port.on('message', (request: FlushRequest | Heartbeat) => {
  if ('beat' in request) {
    beat(request.beat);
    return;
  }
  const reason = attempt(request);
  const { batch } = request;
  if (reason !== undefined) {
    port.postMessage({ batch, reason } satisfies FlushReply, [batch.rows.buffer as ArrayBuffer]);
  }
  Atomics.add(settled, 0, 1);
  Atomics.notify(settled, 0);
});
Atomics.store(settled, 1, 1);
