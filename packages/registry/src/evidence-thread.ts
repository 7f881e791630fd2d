import type { CompareRunsInput, Evidence as RunsEvidence } from '@atelier/metrics';
import type { Worker } from 'node:worker_threads';
import { startThread } from '@atelier/start';
import type { Evidence, EvidenceRequest } from './evidence.ts';
import type { Verification } from './verification.ts';

type EvidenceQuestion =
  | { readonly kind: 'compare'; readonly input: CompareRunsInput }
  | { readonly kind: 'gather'; readonly home: string; readonly request: EvidenceRequest }
  | { readonly kind: 'verify'; readonly home: string; readonly head: string | undefined };

/** To the thread. */
export type ThreadRequest = EvidenceQuestion & { readonly id: number };

/** From the thread: `error` has the name, message, code and further fields of what was thrown. */
export interface ThreadReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly [field: string]: unknown };
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Computes evidence beside the event loop: bootstraps take a quarter of a second and a verification of a long history
 * many times that, in which a server could answer nobody. The thread starts with the first question, answers one at a
 * time, keeps no process alive that waits for nothing, ends after a while without questions, and starts anew with the
 * next. Errors come back with their message, `name`, `code` and `usage`, as plain `Error`s.
 */
export class EvidenceThread implements Disposable {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private readonly idleMs: number;
  private idle: NodeJS.Timeout | undefined;

  /** @param idleMs how long the thread's memory is kept after its last answer */
  constructor(idleMs = 30_000) {
    this.idleMs = idleMs;
  }

  /** As `compareRuns` of `@atelier/metrics`, with the same numbers. The input is copied. */
  compareRuns(input: CompareRunsInput): Promise<RunsEvidence> {
    return this.ask<RunsEvidence>({ kind: 'compare', input });
  }

  /** As `gather` of the registry of this home. */
  gather(home: string, request: EvidenceRequest): Promise<Evidence> {
    return this.ask<Evidence>({ kind: 'gather', home, request });
  }

  /** As `verify` of the registry of this home. */
  verify(home: string, head?: string): Promise<Verification> {
    return this.ask<Verification>({ kind: 'verify', home, head });
  }

  /** Ends the thread; questions that it has not answered are rejected. */
  close(): void {
    this.give(new Error('the thread that computes evidence was closed'));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private ask<Result>(question: EvidenceQuestion): Promise<Result> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    return new Promise<Result>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      worker.ref();
      try {
        worker.postMessage({ ...question, id } satisfies ThreadRequest);
      } catch (error) {
        this.settle(id);
        reject(error as Error);
      }
    });
  }

  private start(): Worker {
    const worker = startThread(new URL('./evidence-worker.ts', import.meta.url), {});
    const gone = (error: Error): void => {
      if (this.worker === worker) this.give(error);
    };
    worker.on('message', (reply: ThreadReply) => this.answer(reply));
    worker.on('error', gone);
    worker.on('exit', (code) => gone(new Error(`the thread that computes evidence ended with ${code}`)));
    return worker;
  }

  private answer({ id, result, error }: ThreadReply): void {
    const asked = this.settle(id);
    if (error === undefined) asked?.resolve(result as never);
    else asked?.reject(Object.assign(new Error(error.message), error));
  }

  private settle(id: number): Pending | undefined {
    const asked = this.pending.get(id);
    this.pending.delete(id);
    if (this.pending.size === 0) {
      this.worker?.unref();
      this.idle = setTimeout(() => this.close(), this.idleMs).unref();
    }
    return asked;
  }

  private give(reason: Error): void {
    const { worker } = this;
    clearTimeout(this.idle);
    this.worker = undefined;
    const asked = [...this.pending.values()];
    this.pending.clear();
    void worker?.terminate();
    for (const { reject } of asked) reject(reason);
  }
}
