import type { Database } from 'better-sqlite3';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

/** One line that a run printed. */
export interface ConsoleLine {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly stream: 'out' | 'err';
  readonly text: string;
}

const LINES = z.array(z.tuple([z.number(), z.enum(['out', 'err']), z.string()]));

/** What a run printed, in order; only lines after the `after`th (0). */
export function readConsole(database: Database, runId: number, after = 0): ConsoleLine[] {
  const chunks = database
    .prepare('SELECT lines FROM console_chunks WHERE run_id = ? ORDER BY number')
    .pluck()
    .all(runId) as string[];
  const lines = chunks.flatMap((chunk) => LINES.parse(JSON.parse(chunk)));
  return lines.slice(after).map(([at, stream, text]) => ({ at, stream, text }));
}

const LONGEST_LINE = 4000;
const MOST_BYTES = 8_000_000;

type Write = typeof process.stdout.write;
type Stored = [at: number, stream: ConsoleLine['stream'], text: string];

/** Text on its way to a stream, cut into lines. A carriage return begins a line anew, as a progress bar does. */
class LineCutter {
  private rest = '';

  cut(text: string): string[] {
    const parts = (this.rest + text).split('\n');
    this.rest = (parts.pop() ?? '').slice(-LONGEST_LINE * 4);
    return parts.map((part) => {
      const shown = part.replace(/\r$/, '');
      return shown.slice(shown.lastIndexOf('\r') + 1);
    });
  }

  end(): string[] {
    return this.rest === '' ? [] : this.cut('\n');
  }
}

/**
 * Keeps what this process prints to stdout and stderr, without colours, line by line; it is still printed. Up to 8 MB;
 * then a last line says that there was more.
 */
export class ConsoleCapture {
  private lines: Stored[] = [];
  private bytes = 0;
  private readonly restore: (() => void)[] = [];
  private readonly cutters = { out: new LineCutter(), err: new LineCutter() };

  constructor() {
    this.tap(process.stdout, 'out');
    this.tap(process.stderr, 'err');
  }

  private tap(target: NodeJS.WriteStream, stream: ConsoleLine['stream']): void {
    const original = target.write;
    const tapped = ((chunk: unknown, ...rest: unknown[]): boolean => {
      this.add(stream, typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString());
      return (original as (...args: unknown[]) => boolean).call(target, chunk, ...rest);
    }) as Write;
    target.write = tapped;
    this.restore.push(() => {
      // somebody who tapped it after us keeps his place
      if (target.write === tapped) target.write = original;
    });
  }

  private add(stream: ConsoleLine['stream'], text: string): void {
    for (const line of this.cutters[stream].cut(text)) this.keep(stream, line);
  }

  private keep(stream: ConsoleLine['stream'], line: string): void {
    if (this.bytes > MOST_BYTES) return;
    const plain = stripVTControlCharacters(line);
    const text =
      plain.length > LONGEST_LINE ? `${plain.slice(0, LONGEST_LINE)}… (${plain.length} characters)` : plain;
    this.bytes += text.length;
    const full = this.bytes > MOST_BYTES;
    this.lines.push([Date.now(), stream, full ? '… (more was printed; only the first 8 MB are kept)' : text]);
  }

  /** The lines since the last call as they are stored; undefined where there are none. */
  take(): string | undefined {
    if (this.lines.length === 0) return undefined;
    const text = JSON.stringify(this.lines);
    this.lines = [];
    return text;
  }

  stop(): void {
    for (const restore of this.restore.splice(0)) restore();
    for (const stream of ['out', 'err'] as const) {
      for (const line of this.cutters[stream].end()) this.keep(stream, line);
    }
  }
}
