import type { Addon, BlockId } from '../src/onednn/addon.ts';
import type { Call } from './call.ts';
import { callOf, FAMILIES } from './calls.ts';
import { oneOf, randomNumbers, whole, type Random } from './random.ts';

export interface FuzzOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Called before each call of the addon: what a crash came from. */
  readonly onCall?: (what: string) => void;
}

export interface FuzzResult {
  readonly calls: number;
  /** Calls made right and taken. */
  readonly taken: number;
  /** Calls that ended in an Error. */
  readonly refused: number;
  readonly replays: number;
  /** Calls that took longer than ten seconds, and right calls that were refused. */
  readonly failures: readonly string[];
}

const ODD = [
  ...[-1, 0, 1, 2, 3, 7, 16, 100, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 45, 2 ** 46, 2 ** 53],
  ...[-(2 ** 31), -(2 ** 53), -3, 0.5, NaN, Infinity, -Infinity, 1e300, -0],
];
const IDS = [-1, 0.5, NaN, Infinity, 1e300, 2 ** 53];

/** Random calls of a native library: most wrong in one way or several, some within captures. */
class Fuzz {
  readonly #addon: Addon;
  readonly #random: Random;
  readonly #options: FuzzOptions;
  #blocks: BlockId[] = [];
  #stale: BlockId[] = [];
  #programs: number[] = [];
  calls = 0;
  taken = 0;
  refused = 0;
  replays = 0;
  readonly failures: string[] = [];

  constructor(addon: Addon, options: FuzzOptions) {
    this.#addon = addon;
    this.#options = options;
    this.#random = randomNumbers(options.seed);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  /** Calls; an Error is an answer, anything else that is thrown is not. */
  #try(what: string, call: () => unknown): Error | undefined {
    this.#options.onCall?.(what);
    this.calls++;
    const since = performance.now();
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
      this.refused++;
    }
    if (performance.now() - since > 10_000) this.failures.push(`slow: ${what}`);
    if (thrown === undefined) return undefined;
    if (thrown instanceof Error && thrown.message !== '') return thrown;
    this.failures.push(`no Error but ${String(thrown)}: ${what}`);
    return new Error('no Error');
  }

  #block(bytes: number, half = false): BlockId {
    const id = this.#addon.alloc(bytes, this.#chance(0.5), half);
    const values = new Uint8Array(bytes);
    for (let i = 0; i < bytes; i++) values[i] = this.#random() * 256;
    // small whole numbers in places: labels and indices that are in range
    if (bytes % 4 === 0 && this.#chance(0.5))
      new Int32Array(values.buffer).forEach((_, i, all) => (all[i] = whole(this.#random, -1, 6)));
    this.#addon.write(id, values);
    this.#blocks.push(id);
    return id;
  }

  #bad(): BlockId {
    const kinds = [IDS, this.#stale.slice(-20), this.#programs, this.#blocks.slice(-20)];
    const kind = oneOf(this.#random, kinds);
    return kind.length === 0 ? 0 : oneOf(this.#random, kind);
  }

  #mutate(call: Call): Call {
    const random = this.#random;
    let [numbers, inputs, outputs] = [[...call.numbers], [...call.inputs], [...call.outputs]];
    if (this.#chance(0.6) && numbers.length > 0)
      for (let i = whole(random, 1, 3); i > 0; i--)
        numbers[whole(random, 0, numbers.length - 1)] = oneOf(random, ODD);
    if (this.#chance(0.1)) numbers = numbers.slice(0, whole(random, 0, numbers.length));
    if (this.#chance(0.1)) numbers.push(oneOf(random, ODD));
    const side = this.#chance(0.5) ? inputs : outputs;
    if (this.#chance(0.4) && side.length > 0) {
      const at = whole(random, 0, side.length - 1);
      side[at] = Math.max(
        0,
        oneOf(random, [0, side[at]! - 1, side[at]! - 4, side[at]! >> 1, side[at]! + 64]),
      );
    }
    if (this.#chance(0.1)) inputs = inputs.slice(0, -1);
    if (this.#chance(0.1)) outputs = outputs.slice(0, -1);
    return { ...call, numbers, inputs, outputs };
  }

  /** One operation, right or wrong. */
  operation(): void {
    const wrong = this.#chance(0.8);
    const right = callOf(this.#random, oneOf(this.#random, [...FAMILIES.keys()]));
    const call = wrong ? this.#mutate(right) : right;
    if (this.#chance(0.1))
      this.#addon.setProducts(oneOf(this.#random, ['fp32', 'bf16-rounded', 'bf16-rounded'] as const));
    const ids = (sizes: readonly number[], half: boolean, mayBeHalf: boolean): BlockId[] =>
      sizes.map((bytes) => {
        if (wrong && this.#chance(0.04)) return this.#bad();
        if (bytes === 0 && this.#chance(0.5)) return 0;
        // floats may always come as bf16
        if (!half && mayBeHalf && bytes % 4 === 0 && this.#chance(0.2)) return this.#block(bytes / 2, true);
        return this.#block(bytes, half);
      });
    const inputs = ids(call.inputs, call.half === 'inputs', true);
    const outputs = ids(call.outputs, call.half === 'outputs', wrong);
    // an operand that is written and read
    if (wrong && this.#chance(0.1) && inputs.length > 0 && outputs.length > 0)
      outputs[0] = oneOf(this.#random, inputs);
    const what = JSON.stringify({ ...call, inputIds: inputs, outputIds: outputs });
    const error = this.#try(what, () => this.#addon.run(call.name, call.numbers, inputs, outputs));
    if (!error) this.taken++;
    else if (
      !wrong &&
      /missing|holds|expected|too/.test(error.message) &&
      !this.#emptyMissing(call, inputs, outputs)
    )
      this.failures.push(`${error.message}: ${what}`);
  }

  /** Whether an operand of no bytes was left out, which an operation may refuse. */
  #emptyMissing(call: Call, inputs: readonly BlockId[], outputs: readonly BlockId[]): boolean {
    const missing = (sizes: readonly number[], ids: readonly BlockId[]): boolean =>
      sizes.some((bytes, i) => bytes === 0 && ids[i] === 0);
    // images of no pixels have no larger size
    return (
      missing(call.inputs, inputs) ||
      missing(call.outputs, outputs) ||
      [...call.inputs, ...call.outputs].includes(0)
    );
  }

  /** Anything as an argument of anything. */
  arguments(): void {
    const addon = this.#addon as unknown as Record<string, (...all: unknown[]) => unknown>;
    const names = ['alloc', 'share', 'same', 'release', 'view', 'write', 'read', 'run', 'has', 'profile'];
    const name = oneOf(this.#random, [
      ...names,
      'disposeProgram',
      'endCapture',
      'setThreads',
      'setProducts',
      'wait',
      'memory',
    ]);
    const anything = (): unknown =>
      oneOf(this.#random, [
        () => oneOf(this.#random, ODD),
        () => this.#bad(),
        () => oneOf<unknown>(this.#random, [undefined, null, 'relu', '', true, {}, [], Symbol('x'), 7n]),
        () => new Uint8Array(whole(this.#random, 0, 200)),
        () => new DataView(new ArrayBuffer(8)),
        () => new Float32Array(new SharedArrayBuffer(64)),
        () => [oneOf(this.#random, ODD), this.#bad()],
        () => new Array(2 ** 32 - 1),
        () => [Symbol('x')],
        () => new Proxy([], { get: () => 4294967295 }),
      ])();
    const given = Array.from({ length: whole(this.#random, 0, 4) }, anything);
    if (name === 'run' && this.#chance(0.7)) given[0] = oneOf(this.#random, [...FAMILIES.keys()]);
    if (name === 'alloc' && typeof given[0] === 'number' && given[0] > 2 ** 20) given[0] = 2 ** 46;
    if (name === 'setThreads') given[0] = oneOf(this.#random, [0, -1, NaN, 1025, 1, 2, 3]);
    const error = this.#try(`${name}(${given.map(described).join(', ')})`, () => {
      const result = addon[name]!(...given);
      if (name === 'alloc' || name === 'share') this.#blocks.push(result as number);
      else if (name === 'endCapture' && typeof result === 'number') this.#programs.push(result);
      else if (name === 'release') this.#stale.push(given[0] as number);
    });
    if (!error && name === 'release') this.#blocks = this.#blocks.filter((id) => id !== given[0]);
    if (!error && name === 'disposeProgram')
      this.#programs = this.#programs.filter((program) => program !== given[0]);
  }

  /** Views of blocks that live longer than the blocks, written into. */
  view(): void {
    const bytes = whole(this.#random, 0, 300);
    const id = this.#block(bytes);
    const view = new Uint8Array(this.#addon.view(id, bytes));
    this.#try('write into itself', () => this.#addon.write(id, view.subarray(bytes >> 1)));
    this.#try('read into itself', () => this.#addon.read(id, view.subarray(bytes >> 1)));
    this.#try('view of more', () => this.#addon.view(id, bytes + 4096));
    this.release(0.5);
    view.fill(1);
  }

  async capture(): Promise<void> {
    this.#try('beginCapture', () => this.#addon.beginCapture());
    for (let i = whole(this.#random, 0, 12); i > 0; i--) this.operation();
    if (this.#chance(0.3)) this.release(0.5);
    const keep = this.#chance(0.8);
    this.#try('endCapture', () => {
      const program = this.#addon.endCapture(keep);
      if (program !== undefined) this.#programs.push(program);
    });
    this.release(0.7);
    await this.replay();
  }

  async replay(): Promise<void> {
    const replays: Promise<unknown>[] = [];
    for (let i = 0; i < 3; i++) {
      const program = this.#chance(0.1) ? this.#bad() : (oneOf(this.#random, [...this.#programs, 0]) ?? 0);
      this.#try(`replay ${program}`, () => {
        const running = this.#addon.replay(program);
        this.replays++;
        replays.push(running.catch(() => undefined));
      });
    }
    if (this.#chance(0.5)) this.release(0.3);
    if (this.#chance(0.5) && this.#programs.length > 0) {
      const gone = this.#programs.shift()!;
      this.#try('disposeProgram', () => this.#addon.disposeProgram(gone));
    }
    await Promise.all(replays);
  }

  release(share: number): void {
    const kept: BlockId[] = [];
    for (const id of this.#blocks) {
      if (!this.#chance(share)) kept.push(id);
      else {
        this.#try('release', () => this.#addon.release(id));
        this.#stale.push(id);
      }
    }
    this.#blocks = kept;
    this.#stale = this.#stale.slice(-100);
  }

  async run(): Promise<void> {
    for (let round = 0; round < this.#options.rounds; round++) {
      const what = this.#random();
      if (what < 0.8) this.operation();
      else if (what < 0.9) this.arguments();
      else if (what < 0.95) this.view();
      else await this.capture();
      if (round % 10 === 9) this.release(0.8);
      if (round % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#addon.setProducts('fp32');
    this.release(1);
    for (const program of this.#programs.splice(0))
      this.#try('disposeProgram', () => this.#addon.disposeProgram(program));
  }
}

function described(value: unknown): string {
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  return String(value);
}

/**
 * Calls a native library in thousands of wrong ways. Every call must return or throw an Error; whether it also stays within
 * its memory is for a sanitized build to say.
 */
export async function fuzz(addon: Addon, options: FuzzOptions): Promise<FuzzResult> {
  const missing = [...FAMILIES.keys()].filter((name) => !addon.has(name));
  const fuzzed = new Fuzz(addon, options);
  fuzzed.failures.push(...missing.map((name) => `no operation is called ${name}`));
  await fuzzed.run();
  const { calls, taken, refused, replays, failures } = fuzzed;
  return { calls, taken, refused, replays, failures };
}
