import type { Addon, Products } from './addon.ts';

/** A small product: its numbers, the elements of its operands, and whether its result is kept as bf16. */
interface Trial {
  readonly operation: string;
  readonly numbers: readonly number[];
  readonly inputs: readonly [number, number];
  readonly output: number;
  readonly half: boolean;
}

const IMAGES = 2 * 9 * 7 * 32;
/** Two images of 9 x 7 with 32 channels by 3 x 3, same size; stride 1, no dilation. */
const CONVOLUTION = [2, 9, 7, 32, 3, 3, 32, 9, 7, 1, 1, 1, 1, 1, 1, 1, 1, 0];
const FILTER = 9 * 32 * 32;

const TRIALS: readonly Trial[] = [
  {
    operation: 'conv2d',
    numbers: [...CONVOLUTION, 0],
    inputs: [IMAGES, FILTER],
    output: IMAGES,
    half: true,
  },
  {
    operation: 'conv2dInputGradient',
    numbers: CONVOLUTION,
    inputs: [IMAGES, FILTER],
    output: IMAGES,
    half: true,
  },
  {
    operation: 'conv2dFilterGradient',
    numbers: CONVOLUTION,
    inputs: [IMAGES, IMAGES],
    output: FILTER,
    half: false,
  },
  {
    operation: 'matmul',
    numbers: [1, 1, 24, 96, 40, 0, 0, 0],
    inputs: [24 * 96, 96 * 40],
    output: 24 * 40,
    half: false,
  },
];

/** A result in bf16 may fall on either side of a rounding: 2^-8 of a value, and sums in another order. */
const HALF_TOLERANCE = 2 ** -7;
/** Sums of products that are exact in fp32, in another order or by Winograd's filtering. */
const TOLERANCE = 1e-3;

/** Numbers in [-1, 1) that need more digits than bf16 has. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function resultOf(addon: Addon, trial: Trial, products: Products): Float32Array {
  const operands = trial.inputs.map((count, i) => numbers(count, i + 1));
  const blocks = operands.map((values) => addon.alloc(values.byteLength, false));
  const result = addon.alloc(trial.output * (trial.half ? 2 : 4), false, trial.half);
  try {
    operands.forEach((values, i) => addon.write(blocks[i]!, values));
    addon.setProducts(products);
    addon.run(trial.operation, trial.numbers, blocks, [result]);
    const values = new Float32Array(trial.output);
    addon.read(result, values);
    return values;
  } finally {
    addon.setProducts('fp32');
    [...blocks, result].forEach((block) => addon.release(block));
  }
}

/** The largest difference, as a share of the largest value. */
function distance(a: Float32Array, b: Float32Array): number {
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const most = a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
  return a.some(Number.isNaN) ? Infinity : most / scale;
}

/**
 * Whether oneDNN's own products of bf16 give here what rounded operands give in fp32: a small convolution, its gradients
 * and a matrix product. Only where they do are they used.
 * @param native what to hold against the rounded products
 * @returns what is wrong with them; undefined where nothing is
 */
export function bf16Fault(addon: Addon, native: Products = 'bf16-native'): string | undefined {
  for (const trial of TRIALS) {
    try {
      const far = distance(resultOf(addon, trial, native), resultOf(addon, trial, 'bf16-rounded'));
      if (far > (trial.half ? HALF_TOLERANCE : TOLERANCE))
        return `${trial.operation} is off by ${far.toPrecision(2)} of its largest value`;
    } catch (error) {
      return `${trial.operation} failed: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** How bf16 is multiplied on this machine. */
export interface Bf16Products {
  readonly products: 'bf16-native' | 'bf16-rounded';
  /** The same in words. */
  readonly words: string;
}

/**
 * Chooses. Without instructions for bf16, oneDNN would widen every operand within its kernels: no faster than its fp32
 * kernels, and those are slower than Winograd's filtering with rounded operands.
 */
export function chooseBf16(addon: Addon): Bf16Products {
  if (addon.bf16 !== 'instructions')
    return { products: 'bf16-rounded', words: 'rounded in software: this CPU multiplies in fp32' };
  const fault = bf16Fault(addon);
  if (fault === undefined) return { products: 'bf16-native', words: `multiplied by the CPU (${addon.isa})` };
  return {
    products: 'bf16-rounded',
    words: `rounded in software: oneDNN's products in bf16 (${addon.isa}) failed their check: ${fault}`,
  };
}
