import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';
import { startThread } from '@atelier/start';
import type { PointBatch } from './points.ts';

/** To the thread. `newNames`: metric names of the run that it has not been told yet. */
export interface FlushRequest {
  readonly batch: PointBatch;
  readonly newNames: readonly string[];
  /** The run's earlier points are stored: what was refused before may be tried again. */
  readonly fresh: boolean;
}

/** To the thread: the run lives. */
export interface Heartbeat {
  readonly beat: number;
}

/** From the thread: a batch it could not store. */
export interface FlushReply {
  readonly batch: PointBatch;
  readonly reason: { readonly code: string; readonly message: string } | undefined;
}

/** Both are called in the event loop. */
interface FlusherEvents {
  /** Batches have come back. */
  readonly onReturn: () => void;
  /** The thread could not start, or has died. */
  readonly onBroken: (cause: unknown) => void;
}

const LONGEST_WAIT_MS = 20_000;

/**
 * A thread that stores points, so that the training thread never waits for the disk. Batches are handed over, not
 * copied. One for all runs of a tracker.
 */
export class Flusher {
  private readonly file: string;
  private readonly timeoutMs: number;
  private readonly events: FlusherEvents;
  private readonly settled = new Int32Array(new SharedArrayBuffer(8));
  private readonly told = new Map<number, number>();
  private port: MessagePort | undefined;
  private worker: Worker | undefined;
  private posted = 0;
  private broken = false;
  private readonly returned: FlushReply[] = [];

  constructor(file: string, timeoutMs: number, events: FlusherEvents) {
    this.file = file;
    this.timeoutMs = timeoutMs;
    this.events = events;
  }

  /** Starts the thread in the background; until it is there `ready` is false. Where it cannot start it stays so. */
  start(): void {
    if (this.worker !== undefined || this.broken) return;
    const { port1, port2 } = new MessageChannel();
    try {
      const entry = new URL('./flush-worker.ts', import.meta.url);
      const { file, timeoutMs, settled } = this;
      this.worker = startThread(entry, { file, timeoutMs, settled, port: port2 }, [port2]);
    } catch (error) {
      this.failed(error);
      return;
    }
    this.port = port1;
    port1.on('message', (reply: FlushReply) => {
      this.returned.push(reply);
      this.events.onReturn();
    });
    port1.unref();
    this.worker.unref();
    this.worker.on('error', (error) => this.failed(error));
  }

  private failed(error: unknown): void {
    if (this.broken) return; // closed, say, and its home removed before it had begun
    this.broken = true;
    this.events.onBroken(error);
  }

  get ready(): boolean {
    return !this.broken && Atomics.load(this.settled, 1) === 1;
  }

  /** Batches on their way. */
  get inFlight(): number {
    return this.posted - Atomics.load(this.settled, 0);
  }

  /** Hands a batch over: its array is empty afterwards. Only while `ready`. */
  post(batch: PointBatch, names: readonly string[], fresh: boolean): void {
    const told = this.told.get(batch.runId) ?? 0;
    this.told.set(batch.runId, names.length);
    const request: FlushRequest = { batch, newNames: names.slice(told), fresh };
    this.posted++;
    this.port!.postMessage(request, [batch.rows.buffer as ArrayBuffer]);
  }

  /** Has the run's heartbeat stored. Only while `ready`. */
  beat(runId: number): void {
    this.port!.postMessage({ beat: runId } satisfies Heartbeat);
  }

  /** Waits until nothing is on its way. False where that takes too long. */
  settle(): boolean {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    for (;;) {
      const settled = Atomics.load(this.settled, 0);
      if (settled >= this.posted) return true;
      if (this.broken || Date.now() > deadline) return false;
      Atomics.wait(this.settled, 0, settled, 100);
    }
  }

  /** Takes back the run's batches that could not be stored, in order. */
  takeReturned(runId: number): FlushReply[] {
    for (;;) {
      const message = this.port === undefined ? undefined : receiveMessageOnPort(this.port);
      if (message === undefined) break;
      this.returned.push(message.message as FlushReply);
    }
    const mine = this.returned.filter(({ batch }) => batch.runId === runId);
    for (const reply of mine) this.returned.splice(this.returned.indexOf(reply), 1);
    return mine.sort((a, b) => a.batch.firstSeq - b.batch.firstSeq);
  }

  /** Lets the thread end once it has nothing to do. */
  close(): void {
    this.port?.close();
    this.port = undefined;
    this.broken = true;
  }
}
