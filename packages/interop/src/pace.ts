import { InterruptedError } from './errors.ts';

/** How far long work has come. */
export interface InteropProgress {
  /** Runs that are done, of `runs`. */
  readonly done: number;
  readonly runs: number;
  /** Points read so far. */
  readonly points: number;
  /** The run in hand. */
  readonly name: string;
}

export interface PaceOptions {
  readonly runs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: InteropProgress) => void) | undefined;
  /** What is being done and what remains of it where it is interrupted. */
  readonly what: readonly [work: string, kept: string];
}

/** Milliseconds of work between two breaths: short enough for Ctrl-C and a progress bar. */
const BREATH_MS = 50;

/** Lets signals in now and then, ends the work where one asks for it, and reports progress. */
export class Pace {
  points = 0;
  private done = -1;
  private name = '';
  private last = Date.now();
  private readonly options: PaceOptions;

  constructor(options: PaceOptions) {
    this.options = options;
  }

  /** The next run begins. */
  async run(name: string): Promise<void> {
    this.done++;
    this.name = name;
    await this.breathe(true);
  }

  /** So many more points are written. */
  async add(points: number): Promise<void> {
    this.points += points;
    await this.breathe();
  }

  async end(): Promise<void> {
    this.done++;
    await this.breathe(true);
  }

  private async breathe(report = false): Promise<void> {
    const now = Date.now();
    if (!report && now - this.last < BREATH_MS) return;
    this.last = now;
    const { runs, onProgress, signal, what } = this.options;
    onProgress?.({ done: this.done, runs, points: this.points, name: this.name });
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) throw new InterruptedError(what[0], what[1]);
  }
}

/** A list in slices, so that long work on it can breathe. */
export function* slices<T>(items: readonly T[], size = 8192): Generator<readonly T[]> {
  if (items.length <= size) return void (yield items);
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
