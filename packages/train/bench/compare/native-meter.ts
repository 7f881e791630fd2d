import * as tf from '@tensorflow/tfjs-core';

/** What the benchmark uses of the native backend. */
interface Native {
  readonly addon: {
    alloc(bytes: number, temporary: boolean): number;
    release(block: number): void;
    write(block: number, values: Uint8Array): void;
    run(operation: string, numbers: number[], inputs: number[], outputs: number[]): void;
  };
  run(
    operation: string,
    numbers: number[],
    inputs: (tf.TensorInfo | undefined)[],
    outputs: (tf.TensorInfo | undefined)[],
  ): void;
  captureStep(body: unknown): { profile(): { name: string; seconds: number }[] };
}

/** Arithmetic and traffic of one operation of the step, from its shapes. */
interface Work {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
}

export interface OperationShare {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  /** Of the time in operations. */
  readonly share: number;
  readonly gigaflops: number;
  readonly megabytes: number;
  /** The least time for that arithmetic and that traffic on this machine, whichever is longer. */
  readonly limitMs: number;
}

export interface Limits {
  /** Measured: a product of 2048 x 2048 matrices. */
  readonly peakGigaflopsPerSecond: number;
  /** Measured: ReLU over 256 MiB; bytes read and bytes written. */
  readonly gigabytesPerSecond: number;
  readonly stepMs: number;
  readonly stepGigaflops: number;
  readonly stepMegabytes: number;
  readonly limitMs: number;
  readonly operations: readonly OperationShare[];
}

const SIDE = 2048;
const BLOCK = 256 * 2 ** 20;

/** Multiplications and additions of a product as it is defined, whatever algorithm computes it. */
function flopsOf(name: string, numbers: readonly number[]): number {
  const n = (at: number): number => numbers[at]!;
  if (name === 'matmul') return 2 * Math.max(n(0), n(1)) * n(2) * n(3) * n(4);
  // images n, height, width, channels; window rows, columns; outputs, their height and width
  if (name.startsWith('conv2d')) return 2 * n(0) * n(7) * n(8) * n(6) * n(4) * n(5) * n(3);
  return 0;
}

function bytesOf(tensors: readonly (tf.TensorInfo | undefined)[]): number {
  return tensors.reduce(
    (sum, tensor) =>
      sum + (tensor ? tf.util.sizeFromShape(tensor.shape) * (tensor.dtype === 'bool' ? 1 : 4) : 0),
    0,
  );
}

function leastSeconds(times: number, work: () => void): number {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const since = performance.now();
    work();
    least = Math.min(least, (performance.now() - since) / 1000);
  }
  return least;
}

/** Counts what the native engine's step does, and measures what the machine can do. */
export class NativeMeter {
  readonly #backend = tf.backend() as unknown as Native;
  readonly #captureStep = this.#backend.captureStep;
  readonly #run = this.#backend.run;
  readonly #addonRun = this.#backend.addon.run;
  readonly #work: Work[] = [];
  #step: { profile(): { name: string; seconds: number }[] } | undefined;

  constructor() {
    this.#backend.captureStep = (body) => (this.#step = this.#captureStep.call(this.#backend, body));
  }

  /** The step captured next is the last that is looked at. */
  stop(): void {
    this.#backend.captureStep = this.#captureStep;
  }

  record(): void {
    // in place over all parameters, called past the backend: numbers are a head of 8, then elements and a flag of each
    this.#backend.addon.run = (operation, numbers, inputs, outputs) => {
      const elements = numbers.slice(8).reduce((sum, count, i) => sum + (i % 2 === 0 ? count : 0), 0);
      // Adam reads g, p, m and v and writes p, m and v
      if (operation === 'optimizerUpdate')
        this.#work.push({ name: operation, flops: 0, bytes: elements * 28 });
      this.#addonRun.call(this.#backend.addon, operation, numbers, inputs, outputs);
    };
    this.#backend.run = (operation, numbers, inputs, outputs) => {
      const bytes = bytesOf(inputs) + bytesOf(outputs);
      this.#work.push({ name: operation, flops: flopsOf(operation, numbers), bytes });
      this.#run.call(this.#backend, operation, numbers, inputs, outputs);
    };
  }

  stopRecording(): void {
    this.#backend.run = this.#run;
    this.#backend.addon.run = this.#addonRun;
  }

  #peak(): number {
    const { addon } = this.#backend;
    const blocks = [0, 1, 2].map(() => addon.alloc(SIDE * SIDE * 4, false));
    const [a, b, c] = blocks as [number, number, number];
    for (const id of [a, b]) addon.write(id, new Uint8Array(new Float32Array(SIDE * SIDE).fill(0.5).buffer));
    const seconds = leastSeconds(8, () =>
      addon.run('matmul', [1, 1, SIDE, SIDE, SIDE, 0, 0, 0], [a, b], [c]),
    );
    blocks.forEach((id) => addon.release(id));
    return (2 * SIDE ** 3) / seconds;
  }

  #bandwidth(): number {
    const { addon } = this.#backend;
    const [a, b] = [addon.alloc(BLOCK, false), addon.alloc(BLOCK, false)];
    addon.write(a, new Uint8Array(BLOCK));
    const seconds = leastSeconds(8, () => addon.run('relu', [BLOCK / 4], [a], [b]));
    [a, b].forEach((id) => addon.release(id));
    return (2 * BLOCK) / seconds;
  }

  /** `train` runs that many steps. */
  async limits(train: () => Promise<unknown>, steps: number): Promise<Limits> {
    const [peak, bandwidth] = [this.#peak(), this.#bandwidth()];
    this.#step!.profile();
    await train();
    const spent = this.#step!.profile();
    const total = spent.reduce((sum, { seconds }) => sum + seconds, 0);
    const limitOf = ({ flops, bytes }: Work): number => Math.max(flops / peak, bytes / bandwidth);
    const operations = [...new Set(spent.map(({ name }) => name))].map((name) => {
      const mine = spent.filter((one) => one.name === name);
      const work = this.#work.filter((one) => one.name === name);
      const seconds = mine.reduce((sum, one) => sum + one.seconds, 0);
      return {
        name,
        calls: mine.length,
        ms: (seconds * 1000) / steps,
        share: seconds / total,
        gigaflops: work.reduce((sum, one) => sum + one.flops, 0) / 1e9,
        megabytes: work.reduce((sum, one) => sum + one.bytes, 0) / 1e6,
        limitMs: work.reduce((sum, one) => sum + limitOf(one), 0) * 1000,
      };
    });
    const sum = (key: 'gigaflops' | 'megabytes' | 'limitMs'): number =>
      operations.reduce((all, one) => all + one[key], 0);
    return {
      peakGigaflopsPerSecond: peak / 1e9,
      gigabytesPerSecond: bandwidth / 1e9,
      stepMs: (total * 1000) / steps,
      stepGigaflops: sum('gigaflops'),
      stepMegabytes: sum('megabytes'),
      limitMs: sum('limitMs'),
      operations: operations.sort((a, b) => b.ms - a.ms),
    };
  }
}
