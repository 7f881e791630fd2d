import * as tf from '@tensorflow/tfjs-core';
import {
  batchNormTraining,
  captureStep,
  convBlock,
  denseBlock,
  normBlock,
  ownMemory,
  parameterUpdate,
  seededDropout,
  softmaxCrossEntropy,
  updateHyper,
  updateMovingAverage,
  updateRule,
  type NormBlockPool,
} from '../src/index.ts';
import {
  centralDifferences,
  crossEntropyReference,
  normBlockReference,
  optimizerReference,
} from './reference.ts';

/** One check of the fused training ops on the active engine. */
export interface TrainingOpCase {
  readonly name: string;
  /** Throws an Error with the figures where the engine is wrong. */
  readonly check: () => void | Promise<void>;
}

export interface Tolerances {
  /** Of values, relative to the largest of them (or 1). */
  readonly value: number;
  /** Of gradients, likewise. */
  readonly gradient: number;
}

const FP32: Tolerances = { value: 2e-5, gradient: 1e-4 };

/** Numbers in [-1, 1), the same for the same seed, exact in float32. */
export function numbers(seed: number, count: number): number[] {
  let state = (seed * 2654435761) >>> 0 || 1;
  return Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.fround((state >>> 8) / 2 ** 23 - 1);
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
const tensor = (values: readonly number[], shape: readonly number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(values), [...shape]);

/** Fails where some |actual - expected| exceeds the tolerance, relative to the largest |expected| (or 1). */
function near(what: string, actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  if (actual.length !== expected.length)
    throw new Error(`${what}: ${actual.length} values, not ${expected.length}`);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  expected.forEach((value, i) => {
    // NaN fails, too
    if (Math.abs(actual[i]! - value) / scale <= tolerance) return;
    throw new Error(`${what}[${i}]: ${actual[i]}, not ${value} (largest ${scale}, tolerance ${tolerance})`);
  });
}

function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

/** Runs `body` in a tidy scope; fails where it leaves tensors behind. */
function leakFree(body: () => void): () => void {
  return () => {
    const before = tf.memory().numTensors;
    tf.tidy(body);
    same('tensors left behind', tf.memory().numTensors - before, 0);
  };
}

interface BlockCase {
  readonly shape: readonly number[];
  readonly without?: readonly ('bias' | 'scale' | 'offset')[];
  readonly reluBefore?: boolean;
  readonly reluAfter?: boolean;
  readonly pool?: NormBlockPool;
}

const HALVING: NormBlockPool = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };
const BLOCKS: readonly BlockCase[] = [
  { shape: [6, 5] },
  { shape: [7, 3], reluBefore: true },
  { shape: [16, 17], reluBefore: true, reluAfter: true },
  { shape: [2, 4, 4, 3], reluBefore: true, pool: HALVING },
  { shape: [2, 4, 4, 16], reluBefore: true, pool: HALVING },
  { shape: [3, 5, 7, 4], reluAfter: true, pool: HALVING },
  { shape: [2, 5, 5, 3], reluAfter: true, pool: { filterSize: [3, 3], strides: [2, 2], pad: 'same' } },
  { shape: [2, 6, 5, 2], pool: { filterSize: [3, 2], strides: [1, 2], pad: 'valid' } },
  { shape: [2, 3, 3, 8], reluAfter: true, without: ['bias'] },
  { shape: [2, 3, 3, 4], reluBefore: true, without: ['scale', 'offset'] },
  { shape: [2, 3, 4], without: ['bias', 'scale', 'offset'] },
];

function blockName({ shape, without = [], reluBefore, reluAfter, pool }: BlockCase): string {
  const parts = [
    `[${shape.join(', ')}]`,
    ...(reluBefore ? ['relu, norm'] : ['norm']),
    ...(reluAfter ? ['relu'] : []),
    ...(pool ? [`pool ${pool.filterSize.join('x')}/${pool.strides.join('x')} ${pool.pad}`] : []),
    ...without.map((name) => `no ${name}`),
  ];
  return `NormBlock of ${parts.join(', ')}`;
}

function normBlockCase(block: BlockCase, tolerances: Tolerances): TrainingOpCase {
  const { shape, without = [], reluBefore = false, reluAfter = false, pool } = block;
  const channels = shape.at(-1)!;
  const epsilon = 1e-3;
  // a negative scale turns the order around, which pooling must not overlook
  const given = {
    x: numbers(11 + shape.length, sizeOf(shape)).map((value) => 3 * value + 0.5),
    bias: numbers(12, channels),
    scale: numbers(13, channels).map((value) => value + Math.sign(value) * 0.5),
    offset: numbers(14, channels),
  };
  const present = (['x', 'bias', 'scale', 'offset'] as const).filter(
    (name) => name === 'x' || !without.includes(name),
  );
  const constant = { bias: 0, scale: 1, offset: 0 };
  const reference = (args: Partial<typeof given>) =>
    normBlockReference({
      ...given,
      ...Object.fromEntries(without.map((name) => [name, given[name].map(() => constant[name])])),
      ...args,
      ...{ epsilon, reluBefore, reluAfter },
      pool: pool
        ? {
            shape: shape as [number, number, number, number],
            ...{ filter: pool.filterSize, strides: pool.strides, pad: pool.pad },
          }
        : null,
    });
  const run = (tensors: readonly tf.Tensor[]) => {
    const args = Object.fromEntries(present.map((name, i) => [name, tensors[i]!]));
    return normBlock({ ...(args as { x: tf.Tensor }), epsilon, reluBefore, reluAfter, pool: pool ?? null });
  };
  const check = leakFree(() => {
    const inputs = present.map((name) => tensor(given[name], name === 'x' ? shape : [channels]));
    const expected = reference({});
    const { y, mean, variance } = run(inputs);
    near('y', y.dataSync(), expected.y, tolerances.value);
    near('mean', mean.dataSync(), expected.mean, tolerances.value);
    near('variance', variance.dataSync(), expected.variance, tolerances.value);
    const weights = numbers(15, expected.y.length);
    const gradients = tf.grads(
      (...tensors: tf.Tensor[]) => tf.sum(tf.mul(run(tensors).y, tensor(weights, y.shape))) as tf.Scalar,
    )(inputs);
    present.forEach((name, i) => {
      const slopes = centralDifferences((at) => reference({ [name]: at }).y, given[name], weights);
      near(`gradient of ${name}`, gradients[i]!.dataSync(), slopes, tolerances.gradient);
    });
  });
  return { name: blockName(block), check };
}

function batchNormCase(tolerances: Tolerances): TrainingOpCase {
  const check = leakFree(() => {
    const x = numbers(31, 24);
    const [scale, offset] = [
      [1, -2, 0.5],
      [0, 1, -1],
    ] as const;
    const plain = { bias: [0, 0, 0], reluBefore: false, reluAfter: false, pool: null, epsilon: 0.01 };
    const expected = normBlockReference({ x, scale, offset, ...plain });
    const [gamma, beta] = [tf.tensor1d([...scale]), tf.tensor1d([...offset])];
    const { y, variance } = batchNormTraining(tensor(x, [2, 2, 2, 3]), gamma, beta, 0.01);
    near('y', y.dataSync(), expected.y, tolerances.value);
    near('variance', variance.dataSync(), expected.variance, tolerances.value);
  });
  return { name: 'batchNormTraining', check };
}

/** Every value of x where its level is not below the share dropped; written apart from the product, from kernels.ts' words. */
function dropoutReference(x: readonly number[], key: readonly [number, number], rate: number): number[] {
  const low = (1n << 32n) - 1n;
  const mix = (start: bigint): bigint => {
    let h = start;
    h ^= h >> 16n;
    h = (h * 0x85ebca6bn) & low;
    h ^= h >> 13n;
    h = (h * 0xc2b2ae35n) & low;
    return h ^ (h >> 16n);
  };
  const [k0, k1] = key.map((part) => BigInt.asUintN(32, BigInt(part))) as [bigint, bigint];
  return x.map((value, i) => {
    const word = mix((mix(BigInt(i >>> 1) ^ k0) + k1) & low);
    const level = Number((word >> BigInt(16 * (i & 1))) & 0xffffn);
    return level >= Math.round(rate * 65536) ? Math.fround(value * Math.fround(1 / (1 - rate))) : 0;
  });
}

function dropoutCase(count: number, key: readonly [number, number], rate: number): TrainingOpCase {
  const check = leakFree(() => {
    const x = numbers(41, count);
    const keyTensor = tf.tensor1d(Int32Array.from(key), 'int32');
    const y = seededDropout(tensor(x, [count]), keyTensor, rate);
    same('y', [...y.dataSync()], dropoutReference(x, key, rate));
    const dy = numbers(42, count);
    const gradient = tf.grad((input: tf.Tensor) => seededDropout(input, keyTensor, rate));
    const dx = gradient(tensor(x, [count]), tensor(dy, [count]));
    same('gradient', [...dx.dataSync()], dropoutReference(dy, key, rate));
  });
  return { name: `SeededDropout of ${count} by ${rate} with the key ${key.join(', ')}`, check };
}

function crossEntropyCase(
  n: number,
  classes: number,
  smoothing: number,
  scale: number,
  tolerances: Tolerances,
): TrainingOpCase {
  const check = leakFree(() => {
    const logits = numbers(51, n * classes).map((value) => Math.fround(value * scale));
    const labels = Array.from({ length: n }, (_, i) => (i * 7) % classes);
    const labelTensor = tf.tensor1d(labels, 'int32');
    const run = (input: tf.Tensor) => softmaxCrossEntropy(input as tf.Tensor2D, labelTensor, smoothing);
    const expected = crossEntropyReference(logits, labels, smoothing);
    const { loss, probabilities } = run(tensor(logits, [n, classes]));
    near('loss', loss.dataSync(), expected.losses, tolerances.value);
    near('probabilities', probabilities.dataSync(), expected.probabilities, tolerances.value);
    const weights = numbers(52, n);
    const gradient = tf.grad((input: tf.Tensor) => tf.sum(tf.mul(run(input).loss, tensor(weights, [n]))));
    const f = (at: readonly number[]): number[] => crossEntropyReference(at, labels, smoothing).losses;
    const slopes = centralDifferences(f, logits, weights);
    near('gradient', gradient(tensor(logits, [n, classes])).dataSync(), slopes, tolerances.gradient);
  });
  return {
    name: `SoftmaxCrossEntropy of [${n}, ${classes}], smoothing ${smoothing}, logits to ${scale}`,
    check,
  };
}

type Rule = Parameters<typeof updateRule>;
const RULES: readonly Rule[] = [
  ['sgd'],
  ['sgd', { momentum: 0.9 }],
  ['sgd', { momentum: 0.9, nesterov: true }],
  ['adam'],
  ['adam', { beta1: 0.8, beta2: 0.99, epsilon: 1e-3 }],
  ['adamw', { weightDecay: 0.1 }],
];

function optimizerCase([kind, settings]: Rule, tolerances: Tolerances): TrainingOpCase {
  const rule = updateRule(kind, settings);
  const shapes = [[3, 5], [7], [2, 2, 1, 3], [1]];
  const rates = [0.1, 0.1, 0.05, 0.01, 0.02];
  const name = `OptimizerUpdate with ${kind} ${JSON.stringify(settings ?? {})}`;
  const check = (): void => {
    const before = tf.memory().numTensors;
    const starts = shapes.map((shape, i) => numbers(60 + i, sizeOf(shape)));
    const arrays = starts.map((start) => Float32Array.from(start));
    const parameters = shapes.map((shape, i) => tf.tidy(() => tf.variable(tf.tensor(arrays[i]!, shape))));
    const gradientsAt = (step: number): number[][] =>
      shapes.map((shape, i) => numbers(70 + 10 * step + i, sizeOf(shape)));
    const update = parameterUpdate(parameters, rule);
    const held = tf.memory().numTensors;
    rates.forEach((rate, step) =>
      tf.tidy(() => {
        const gradients = gradientsAt(step).map((values, i) => tensor(values, shapes[i]!));
        update.apply(gradients, tf.tensor1d(updateHyper(rule, step + 1, rate)));
      }),
    );
    same('tensors left behind by the steps', tf.memory().numTensors - held, 0);
    parameters.forEach((parameter, i) => {
      const gradients = rates.map((_, step) => gradientsAt(step)[i]!);
      const decayed = shapes[i]!.length >= 2;
      const expected = optimizerReference(rule, starts[i]!, gradients, rates, decayed);
      near(`parameter ${i}`, parameter.dataSync(), expected, tolerances.value);
    });
    same(
      'the arrays the parameters came from',
      arrays.map((array) => [...array]),
      starts,
    );
    update.dispose();
    tf.dispose(parameters);
    same('tensors left behind', tf.memory().numTensors - before, 0);
  };
  return { name, check };
}

function movingAverageCase(correction: number, tolerances: Tolerances): TrainingOpCase {
  const check = (): void => {
    const before = tf.memory().numTensors;
    const [start, values] = [numbers(81, 9), [numbers(82, 9), numbers(83, 9)]];
    const moving = tf.tidy(() => tf.variable(tensor(start, [9])));
    ownMemory([moving]);
    for (const value of values)
      tf.tidy(() => updateMovingAverage(moving, tensor(value, [9]), 0.9, correction));
    const expected = start.map((old, i) =>
      values.reduce((at, value) => at + (value[i]! * correction - at) * 0.1, old),
    );
    near('moving', moving.dataSync(), expected, tolerances.value);
    moving.dispose();
    same('tensors left behind', tf.memory().numTensors - before, 0);
  };
  return { name: `MovingAverageUpdate with the correction ${correction}`, check };
}

/** A product with bias and ReLU, with its gradients, against float64. */
function denseCase(relu: boolean, bias: boolean, tolerances: Tolerances): TrainingOpCase {
  const [n, from, to] = [4, 6, 5];
  const given = { x: numbers(91, n * from), kernel: numbers(92, from * to), bias: numbers(93, to) };
  const f = ({ x, kernel, bias: b }: typeof given): number[] =>
    Array.from({ length: n * to }, (_, at) => {
      const [row, column] = [Math.floor(at / to), at % to];
      let sum = bias ? b[column]! : 0;
      for (let k = 0; k < from; k++) sum += x[row * from + k]! * kernel[k * to + column]!;
      return relu ? Math.max(sum, 0) : sum;
    });
  const shapes = { x: [n, from], kernel: [from, to], bias: [to] };
  const names = (['x', 'kernel', 'bias'] as const).filter((name) => bias || name !== 'bias');
  const check = leakFree(() => {
    const run = (x: tf.Tensor, kernel: tf.Tensor, b?: tf.Tensor) =>
      denseBlock(x as tf.Tensor2D, kernel as tf.Tensor2D, { bias: b as tf.Tensor1D | undefined, relu });
    const inputs = names.map((name) => tensor(given[name], shapes[name]));
    const weights = numbers(94, n * to);
    near('y', run(inputs[0]!, inputs[1]!, inputs[2]).dataSync(), f(given), tolerances.value);
    const gradients = tf.grads(
      (...at: tf.Tensor[]) =>
        tf.sum(tf.mul(run(at[0]!, at[1]!, at[2]), tensor(weights, [n, to]))) as tf.Scalar,
    )(inputs);
    names.forEach((name, i) => {
      const slopes = centralDifferences((at) => f({ ...given, [name]: [...at] }), given[name], weights);
      near(`gradient of ${name}`, gradients[i]!.dataSync(), slopes, tolerances.gradient);
    });
  });
  return { name: `denseBlock${bias ? ' with bias' : ''}${relu ? ' and ReLU' : ''}`, check };
}

/** A convolution with bias and ReLU against float64: 3x3, [2, 5, 4, 2] -> 3 channels. */
function convCase(
  relu: boolean,
  pad: 'valid' | 'same',
  stride: 1 | 2,
  tolerances: Tolerances,
): TrainingOpCase {
  const [n, height, width, from, to, side] = [2, 5, 4, 2, 3, 3];
  const out = [height, width].map((length) =>
    pad === 'same' ? Math.ceil(length / stride) : Math.floor((length - side) / stride) + 1,
  ) as [number, number];
  const before = [height, width].map((length, axis) =>
    pad === 'same' ? Math.floor(Math.max((out[axis]! - 1) * stride + side - length, 0) / 2) : 0,
  ) as [number, number];
  const given = {
    x: numbers(101, n * height * width * from),
    filter: numbers(102, side * side * from * to),
    bias: numbers(103, to),
  };
  const f = ({ x, filter, bias }: typeof given): number[] =>
    Array.from({ length: n * out[0] * out[1] * to }, (_, at) => {
      const c = at % to;
      const column = Math.floor(at / to) % out[1];
      const row = Math.floor(at / to / out[1]) % out[0];
      const image = Math.floor(at / to / out[1] / out[0]);
      let sum = bias[c]!;
      for (let i = 0; i < side; i++)
        for (let j = 0; j < side; j++) {
          const [r, s] = [row * stride + i - before[0], column * stride + j - before[1]];
          if (r < 0 || s < 0 || r >= height || s >= width) continue;
          for (let k = 0; k < from; k++)
            sum +=
              x[((image * height + r) * width + s) * from + k]! *
              filter[((i * side + j) * from + k) * to + c]!;
        }
      return relu ? Math.max(sum, 0) : sum;
    });
  const shapes = { x: [n, height, width, from], filter: [side, side, from, to], bias: [to] };
  const names = ['x', 'filter', 'bias'] as const;
  const check = leakFree(() => {
    const run = (...[x, filter, bias]: tf.Tensor[]): tf.Tensor =>
      convBlock(
        x as tf.Tensor4D,
        filter as tf.Tensor4D,
        { strides: [stride, stride], pad },
        { bias: bias as tf.Tensor1D, relu },
      );
    const inputs = names.map((name) => tensor(given[name], shapes[name]));
    const y = run(...inputs);
    near('y', y.dataSync(), f(given), tolerances.value);
    const weights = numbers(104, y.size);
    const gradients = tf.grads(
      (...at: tf.Tensor[]) => tf.sum(tf.mul(run(...at), tensor(weights, y.shape))) as tf.Scalar,
    )(inputs);
    names.forEach((name, i) => {
      const slopes = centralDifferences((at) => f({ ...given, [name]: [...at] }), given[name], weights);
      near(`gradient of ${name}`, gradients[i]!.dataSync(), slopes, tolerances.gradient);
    });
  });
  return { name: `convBlock with bias${relu ? ' and ReLU' : ''}, ${pad}, stride ${stride}`, check };
}

/** A captured step that counts, and forgets nothing: the variable moves in place, the outputs are copies. */
const captureCase: TrainingOpCase = {
  name: 'captureStep runs again and again, with other shapes too',
  async check() {
    const before = tf.memory().numTensors;
    const weight = tf.tidy(() => tf.variable(tf.zeros([3])));
    const rule = updateRule('sgd');
    const update = parameterUpdate([weight], rule);
    const step = captureStep(({ x, hyper }) => {
      const { value, grads } = tf.variableGrads(
        () => tf.mean(tf.square(tf.sub(weight, x!))) as tf.Scalar,
        [weight],
      );
      update.apply([grads[weight.name]!], hyper as tf.Tensor1D);
      return { loss: value };
    });
    const losses: number[] = [];
    for (const [rows, x] of [
      [1, [1, 2, 3]],
      [1, [1, 2, 3]],
      [2, [1, 2, 3, 1, 2, 3]],
      [1, [0, 0, 0]],
    ] as const) {
      const outputs = await step.run({
        x: { values: Float32Array.from(x), shape: [rows, 3] },
        hyper: { values: updateHyper(rule, 1, 1.5), shape: [4] },
      });
      losses.push(outputs['loss']![0]!);
    }
    // a rate of 1.5 on a mean over three closes the whole distance: w = x after the first step
    near('losses', losses, [14 / 3, 0, 0, 14 / 3], 1e-5);
    near('weight', weight.dataSync(), [0, 0, 0], 1e-5);
    step.dispose();
    update.dispose();
    weight.dispose();
    same('tensors left behind', tf.memory().numTensors - before, 0);
  },
};

/** What is computed after an update must use the updated weights: an engine may keep packed copies of them. */
const freshnessCase: TrainingOpCase = {
  name: 'products after an update see the updated weights',
  check() {
    const before = tf.memory().numTensors;
    const shapes = [[3, 3, 2, 4], [4], [4, 5], [5]];
    const weights = shapes.map((shape, i) =>
      tf.tidy(() => tf.variable(tensor(numbers(111 + i, sizeOf(shape)), shape))),
    );
    const x = tensor(numbers(120, 2 * 4 * 4 * 2), [2, 4, 4, 2]) as tf.Tensor4D;
    const outputOf = ([filter, bias, kernel, offset]: readonly tf.Tensor[]): tf.Tensor2D => {
      const after = { bias: bias as tf.Tensor1D, relu: true };
      const y = convBlock(x, filter as tf.Tensor4D, { strides: [1, 1], pad: 'same' }, after);
      const last = { bias: offset as tf.Tensor1D };
      return denseBlock(tf.mean(y, [1, 2]) as tf.Tensor2D, kernel as tf.Tensor2D, last);
    };
    const update = parameterUpdate(weights, updateRule('sgd'));
    for (let step = 1; step <= 3; step++)
      tf.tidy(() => {
        const { grads } = tf.variableGrads(() => tf.sum(tf.square(outputOf(weights))) as tf.Scalar, weights);
        update.apply(
          weights.map(({ name }) => grads[name]!),
          tf.tensor1d([0.02, 1, 1, 0]),
        );
        const copies = weights.map((weight) => tf.tensor(weight.dataSync().slice(), weight.shape));
        near('output', outputOf(weights).dataSync(), [...outputOf(copies).dataSync()], 1e-6);
      });
    update.dispose();
    tf.dispose([x, ...weights]);
    same('tensors left behind', tf.memory().numTensors - before, 0);
  },
};

/**
 * Every fused training op on the active engine: values and gradients against float64 references and their central
 * differences, updates in place, dropout to the bit, and no tensor left behind.
 */
export function trainingOpCases(tolerances: Tolerances = FP32): TrainingOpCase[] {
  return [
    ...BLOCKS.map((block) => normBlockCase(block, tolerances)),
    batchNormCase(tolerances),
    dropoutCase(1, [1, 2], 0.5),
    dropoutCase(33, [-1, 0x7fffffff], 0.25),
    dropoutCase(1000, [123456789, -987654321], 0.4),
    dropoutCase(70001, [5, -5], 0.1),
    crossEntropyCase(5, 10, 0, 3, tolerances),
    crossEntropyCase(3, 4, 0.1, 60, tolerances),
    crossEntropyCase(33, 17, 0.2, 1, tolerances),
    ...RULES.map((rule) => optimizerCase(rule, tolerances)),
    movingAverageCase(1, tolerances),
    movingAverageCase(9 / 8, tolerances),
    ...[true, false].flatMap((relu) => [true, false].map((bias) => denseCase(relu, bias, tolerances))),
    ...[true, false].flatMap((relu) => [
      convCase(relu, 'same', 1, tolerances),
      convCase(relu, 'valid', 1, tolerances),
      convCase(relu, 'same', 2, tolerances),
    ]),
    freshnessCase,
    captureCase,
  ];
}
