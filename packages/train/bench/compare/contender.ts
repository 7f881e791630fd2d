import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Hello {
  readonly version: string;
  readonly threads: number;
  /** Of the first step, with the framework's own initial weights: about ln 10. */
  readonly firstLoss: number;
}

/** One side of a comparison: a process that lives as long as the comparison and runs steps when told. */
export class Contender {
  readonly name: string;
  readonly batch: number;
  hello: Hello | undefined;
  /** Why it takes no part. */
  failure: string | undefined;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(name: string, batch: number, command: readonly string[], cwd: string) {
    this.name = name;
    this.batch = batch;
    const [program, ...rest] = command as [string, ...string[]];
    this.#process = spawn(program, rest, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.on('error', (error) => (this.#errors += error.message));
    this.#process.stdin!.on('error', () => undefined);
    this.#process.stderr!.on(
      'data',
      (text: Buffer) => (this.#errors = (this.#errors + String(text)).slice(-2000)),
    );
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async #answer(): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(this.#whyEnded());
      // what else a framework prints is no answer
      if (value.startsWith('{')) return JSON.parse(value) as Record<string, unknown>;
    }
  }

  /** The error among what it printed; Node ends with its own version, a Python program with the error. */
  #whyEnded(): string {
    const lines = this.#errors.trim().split('\n');
    return lines.findLast((line) => /^\w*Error\b.*:/.test(line)) ?? (lines.at(-1) || 'it ended');
  }

  async ready(): Promise<boolean> {
    try {
      this.hello = (await this.#answer()) as unknown as Hello;
    } catch (error) {
      this.failure = (error as Error).message;
    }
    return this.hello !== undefined;
  }

  async ask(line: string): Promise<Record<string, unknown>> {
    this.#process.stdin!.write(`${line}\n`);
    return await this.#answer();
  }

  /** Seconds of so many steps. */
  async seconds(what: 'train' | 'infer', steps: number): Promise<number> {
    return (await this.ask(`${what} ${steps}`))['seconds'] as number;
  }

  end(): void {
    this.#process.stdin!.end();
    this.#process.kill();
  }
}
