import { createHash } from 'node:crypto';
import type { Addon, BlockId } from './addon.ts';

/** The addon as a backend uses it: what is asked of it while a step is watched is written down. */
export interface WatchedAddon extends Addon {
  /** The addon itself, for what is no part of a step: values of tensors that were there before it. */
  readonly unwatched: Addon;
}

/** One thing that a step asked of the addon, in words that are equal where the work is. */
interface Asked {
  readonly words: string;
  /** The kernel that asked, for messages. */
  readonly kernel: string;
}

function wordsOf(values: NodeJS.TypedArray): string {
  if (values.length <= 8) return String(values);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Everything that a step asked of the addon in one run: operations with their numbers and operands, values that came from
 * JavaScript. Blocks are named by where they come from, so that two runs of one step have equal traces where replaying
 * the first does what running the second does.
 */
export class Trace {
  readonly #asked: Asked[] = [];
  readonly #names: Map<BlockId, string>;
  #made = 0;

  /** @param known names of blocks that may be others in the next run: inputs and variables */
  constructor(known: ReadonlyMap<BlockId, string>) {
    this.#names = new Map(known);
  }

  note(words: string, kernel: string): void {
    this.#asked.push({ words, kernel });
  }

  made(block: BlockId, words: string, kernel: string): void {
    this.#names.set(block, `#${this.#made++}`);
    this.note(`${this.#names.get(block)} ${words}`, kernel);
  }

  share(from: BlockId, to: BlockId): void {
    this.#names.set(to, this.nameOf(from));
  }

  nameOf(block: BlockId): string {
    return this.#names.get(block) ?? `block ${block}`;
  }

  /** The kernel at the first difference to another run; undefined where there is none. */
  differsAt(other: Trace): string | undefined {
    const length = Math.max(this.#asked.length, other.#asked.length);
    for (let i = 0; i < length; i++) {
      if (this.#asked[i]?.words === other.#asked[i]?.words) continue;
      return (this.#asked[i] ?? other.#asked[i])!.kernel || 'the step';
    }
    return undefined;
  }
}

/** What a trace is written by. */
interface Watcher {
  readonly trace: Trace | undefined;
  readonly kernel: string;
}

/** The addon, telling the watcher's trace, while there is one, what is asked of it. */
export function watched(addon: Addon, watcher: Watcher): WatchedAddon {
  const seen: Partial<Addon> & Pick<WatchedAddon, 'unwatched'> = {
    unwatched: addon,
    alloc(bytes, temporary, half = false) {
      const block = addon.alloc(bytes, temporary, half);
      watcher.trace?.made(block, `${bytes} ${half}`, watcher.kernel);
      return block;
    },
    share(block) {
      const other = addon.share(block);
      watcher.trace?.share(block, other);
      return other;
    },
    write(block, values) {
      const { trace, kernel } = watcher;
      trace?.note(`write ${trace.nameOf(block)} ${wordsOf(values)}`, kernel);
      addon.write(block, values);
    },
    run(operation, numbers, inputs, outputs) {
      const { trace, kernel } = watcher;
      if (trace) {
        const [from, to] = [inputs, outputs].map((list) => list.map((block) => trace.nameOf(block)).join());
        trace.note(`${operation} ${numbers.join()} ${from} > ${to}`, kernel);
      }
      addon.run(operation, numbers, inputs, outputs);
    },
  };
  return Object.assign(Object.create(addon) as Addon, seen) as WatchedAddon;
}

/** Runs `work` and says whether it drew from Math.random, as TensorFlow.js' random operations do unless they get a seed. */
export function drawsRandom<T>(work: () => T): { result: T; random: boolean } {
  const original = Math.random;
  let random = false;
  Math.random = () => {
    random = true;
    return original();
  };
  try {
    return { result: work(), random };
  } finally {
    Math.random = original;
  }
}
