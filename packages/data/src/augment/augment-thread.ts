import { startThread } from '@atelier/start';
import type { Worker } from 'node:worker_threads';
import { Augmenter, type AugmentSource, type BatchBuffers } from './augmenter.ts';
import type { AugmentSpec } from './spec.ts';

/** What the thread starts with. */
export interface ThreadData {
  readonly source: AugmentSource;
  readonly spec: AugmentSpec;
  readonly seed: number;
  readonly buffers: readonly BatchBuffers[];
}

/** Fills the buffers number `slot`; answered with `slot`. */
export interface ThreadRequest {
  readonly slot: number;
  readonly positions: Uint32Array;
  readonly epoch: number;
}

/** Augments beside the training thread. Where no thread can be had, or it dies, it augments here: with the same bits. */
export class AugmentThread implements Disposable {
  readonly #data: ThreadData;
  #worker: Worker | undefined;
  #inline: Augmenter | undefined;
  #pending: { readonly request: ThreadRequest; readonly done: () => void } | undefined;

  /** @param threaded false: everything happens here */
  constructor(data: ThreadData, threaded = true) {
    this.#data = data;
    if (!threaded) return;
    try {
      this.#worker = startThread(new URL('./augment-worker.ts', import.meta.url), data);
    } catch {
      return;
    }
    this.#worker.on('message', () => this.#answered());
    for (const end of ['error', 'exit'] as const) this.#worker.on(end, () => this.#lost());
    this.#worker.unref();
  }

  /** Whether there is a thread. */
  get threaded(): boolean {
    return this.#worker !== undefined;
  }

  /** One at a time. */
  async fill(request: ThreadRequest): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return this.#fillHere(request);
    await new Promise<void>((done) => {
      this.#pending = { request, done };
      worker.ref();
      worker.postMessage(request);
    });
  }

  #fillHere({ slot, positions, epoch }: ThreadRequest): void {
    const { source, spec, seed, buffers } = this.#data;
    this.#inline ??= new Augmenter(source, spec, seed);
    this.#inline.fill(positions, epoch, buffers[slot]!);
  }

  #answered(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker?.unref();
    pending?.done();
  }

  #lost(): void {
    if (this.#worker === undefined) return;
    this.#worker = undefined;
    if (this.#pending !== undefined) this.#fillHere(this.#pending.request);
    this.#answered();
  }

  [Symbol.dispose](): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    this.#answered();
  }
}
