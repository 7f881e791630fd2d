/** Number by which the addon knows a block of memory; 0 stands for an operand that is not there. Never used twice. */
export type BlockId = number;
export type ProgramId = number;

/** How convolutions and matrix products multiply: bf16 rounded before fp32's kernels, or by oneDNN's own for it. */
export type Products = 'fp32' | 'bf16-rounded' | 'bf16-native';

/** What the native library does; see native/addon.cc. Every call checks its arguments and throws an Error, never crashes. */
export interface Addon {
  /** Version of oneDNN. */
  readonly version: string;
  /** The instructions that oneDNN uses on this CPU, in its words. */
  readonly isa: string;
  /** Whether oneDNN multiplies bf16 here: with instructions for it, by widening within its kernels, or not. */
  readonly bf16: 'instructions' | 'emulated' | 'none';
  /**
   * `temporary`: what an operation computes; during a capture its memory belongs to the program.
   * `half`: its numbers are bf16, two bytes each; operations take it wherever they take floats.
   */
  alloc(bytes: number, temporary: boolean, half?: boolean): BlockId;
  /** Another number for the same block. */
  share(block: BlockId): BlockId;
  /** Whether two numbers stand for one block. */
  same(a: BlockId, b: BlockId): boolean;
  release(block: BlockId): void;
  /** The first bytes of the block itself, no copy; it lives as long as either. */
  view(block: BlockId, bytes: number): ArrayBuffer;
  write(block: BlockId, values: NodeJS.TypedArray): void;
  /** Bytes as they are; bf16 into a Float32Array as the numbers it stands for. */
  read(block: BlockId, into: NodeJS.TypedArray): void;
  run(
    operation: string,
    numbers: readonly number[],
    inputs: readonly BlockId[],
    outputs: readonly BlockId[],
  ): void;
  has(operation: string): boolean;
  beginCapture(): void;
  endCapture(keep: boolean): ProgramId | undefined;
  /** Off this thread. One block's readers and writers wait for it. */
  replay(program: ProgramId): Promise<void>;
  disposeProgram(program: ProgramId): void;
  /** Time per operation since the last call. */
  profile(program: ProgramId): {
    replays: number;
    arenaBytes: number;
    steps: { name: string; seconds: number }[];
  };
  /** Returns once no replay is under way. */
  wait(): void;
  setThreads(count: number): void;
  /** What the products of later operations multiply; see native/precision.h. */
  setProducts(how: Products): void;
  memory(): { blocks: number; blockBytes: number; cachedBytes: number };
}
