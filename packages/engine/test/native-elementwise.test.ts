import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { addon, difference, expectRan, forget, operations, type Given, type Operation } from './native.ts';

const SHAPES = [[], [0], [5], [3, 0, 2], [2, 3, 4], [1, 2, 1, 3, 2, 2], [1037]];
const SPECIAL = [
  ...[NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 6, 7, 20, -20, 88, 89, -88],
  ...[-104, 1e-30, -1e-30, 1e30, -1e30, 1e-42, 0.1, -0.1, 1e-4, 100, -100, 13.9, -13.9, 14, -14, 16777217],
];

type Unary = readonly [name: string, native: string, operation: Operation];

const float: Unary[] = [
  ...(
    ['relu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'exp', 'expm1', 'log', 'log1p', 'sqrt'] as const
  ).map((name): Unary => [name, name, (x) => tf[name](x!)]),
  ...(['rsqrt', 'square', 'abs', 'neg', 'sign', 'floor', 'ceil', 'round', 'reciprocal'] as const).map(
    (name): Unary => [name, name, (x) => tf[name](x!)],
  ),
  ...(['sin', 'cos', 'tan', 'sinh', 'cosh', 'asin', 'acos', 'atan', 'asinh', 'acosh', 'atanh'] as const).map(
    (name): Unary => [name, name, (x) => tf[name](x!)],
  ),
  ['softplus', 'softplus', (x) => tf.softplus(x!)],
  ['erf', 'erf', (x) => tf.erf(x!)],
  ['leakyRelu', 'leakyRelu', (x) => tf.leakyRelu(x!, 0.3)],
  ['step', 'step', (x) => tf.step(x!, -0.25)],
  ['clipByValue', 'clipByValue', (x) => tf.clipByValue(x!, -0.7, 1.3)],
  ['isNaN', 'isNan', (x) => tf.isNaN(x!)],
  ['isInf', 'isInf', (x) => tf.isInf(x!)],
  ['isFinite', 'isFinite', (x) => tf.isFinite(x!)],
  ['cast to int32', 'cast', (x) => tf.cast(x!, 'int32')],
  ['cast to bool', 'cast', (x) => tf.cast(x!, 'bool')],
  ['onesLike', 'fill', (x) => tf.onesLike(x!)],
  ['zerosLike', 'fill', (x) => tf.zerosLike(x!)],
];

const whole: Unary[] = [
  ['neg', 'negInt', (x) => tf.neg(x!)],
  ['sign', 'signInt', (x) => tf.sign(x!)],
  ['relu', 'reluInt', (x) => tf.relu(x!)],
  ['cast to float32', 'cast', (x) => tf.cast(x!, 'float32')],
  ['cast to bool', 'cast', (x) => tf.cast(x!, 'bool')],
];

describe.skipIf(!addon)('native functions of one tensor', { timeout: 60_000 }, () => {
  beforeEach(forget);

  it.each(float)('%s', (_, native, operation) => {
    for (const shape of SHAPES) {
      for (const one of [{ shape, values: SPECIAL }, { shape }, { shape, range: [-30, 30] as const }])
        expect(difference([one], operation), JSON.stringify(one)).toBeUndefined();
    }
    expectRan(native);
  });

  it.each(whole)('%s of int32', (_, native, operation) => {
    for (const shape of SHAPES) {
      const values = [-5, 0, 3, 2147483647, -2147483648, 16777217];
      expect(difference([{ shape, dtype: 'int32', values }], operation)).toBeUndefined();
    }
    expectRan(native);
  });

  it.each(['float32', 'int32'] as const)('bool to %s, and its negation', (dtype) => {
    const negated: Operation = (x) => [tf.cast(x!, dtype), tf.logicalNot(x!)];
    for (const shape of SHAPES) expect(difference([{ shape, dtype: 'bool' }], negated)).toBeUndefined();
    expectRan('cast', 'logicalNot');
  });

  it('fills', () => {
    const filled: Operation = () => [tf.fill([2, 3], 1.5), tf.fill([4], -7, 'int32'), tf.zeros([0])];
    expect(difference([], filled)).toBeUndefined();
    expectRan('fill');
  });
});

type Binary = readonly [name: string, operation: Operation];

const arithmetic: Binary[] = (
  ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference', 'pow', 'mod', 'floorDiv'] as const
).map((name) => [name, (a, b) => tf[name](a!, b!)]);
const comparisons: Binary[] = (
  ['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const
).map((name) => [name, (a, b) => tf[name](a!, b!)]);

/** Two shapes that go together: dimensions of one, and missing in front. */
const shapes = fc
  .array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 })
  .chain((shape) =>
    fc
      .tuple(
        ...[0, 1].map(() =>
          fc.tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 })),
        ),
      )
      .map((choices) =>
        choices.map(([missing, ones]) => shape.map((size, d) => (ones[d] ? 1 : size)).slice(missing)),
      ),
  );

function pairs(a: Omit<Given, 'shape'>, b: Omit<Given, 'shape'>, operation: Operation): void {
  fc.assert(
    fc.property(shapes, ([left, right]) => {
      expect(
        difference(
          [
            { ...a, shape: left! },
            { ...b, shape: right! },
          ],
          operation,
        ),
      ).toBeUndefined();
    }),
    { numRuns: 40, seed: 7 },
  );
}

describe.skipIf(!addon)('native functions of two tensors', { timeout: 60_000 }, () => {
  beforeEach(forget);

  it.each([...arithmetic, ...comparisons, ['atan2', (a, b) => tf.atan2(a!, b!)] as Binary])(
    '%s',
    (_, operation) => {
      pairs({}, {}, operation);
      pairs({ range: [0, 3], values: [0, 1, 2, 3] }, { values: [2, 1, 3] }, operation);
      expect(operations.length).toBeGreaterThanOrEqual(40);
    },
  );

  it.each([...arithmetic, ...comparisons])('%s of int32', (_, operation) => {
    pairs({ dtype: 'int32', range: [-9, 9] }, { dtype: 'int32', values: [3, -2, 7, 1] }, operation);
    expect(operations.length).toBeGreaterThanOrEqual(40);
  });

  it.each(arithmetic.filter(([name]) => !['pow', 'mod'].includes(name)))(
    '%s of large int32',
    (_, operation) => {
      const values = [2147483647, -2147483648, 65537, -99999, 123456789];
      const other = [2147483647, 3, -65537, 99991];
      const given = [values, other].map((list) => ({ shape: [20], dtype: 'int32' as const, values: list }));
      expect(difference(given, operation)).toBeUndefined();
    },
  );

  it.each([
    ...comparisons,
    ['logicalAnd', (a, b) => tf.logicalAnd(a!, b!)] as Binary,
    ['logicalOr', (a, b) => tf.logicalOr(a!, b!)] as Binary,
  ])('%s of bool', (_, operation) => pairs({ dtype: 'bool' }, { dtype: 'bool' }, operation));

  it.each([...arithmetic, ...comparisons])('%s of NaN and infinities', (_, operation) => {
    const values = [NaN, Infinity, -Infinity, 0, 1, -1, 2];
    const given = [
      { shape: [7, 1], values },
      { shape: [1, 7], values },
    ];
    expect(difference(given, operation)).toBeUndefined();
  });

  it.each(
    [
      [3, 4],
      [2, 3, 5],
    ].map((shape) => [shape]),
  )('sums of several, select, prelu, elu gradient of %j', (shape) => {
    const given: Given[] = [{ shape, dtype: 'bool' }, { shape }, { shape }, { shape: [shape.at(-1)!] }];
    const operation: Operation = (c, t, e, alpha) => [
      tf.addN([t!, e!, t!]),
      tf.where(c!, t!, e!),
      tf.where(c!, tf.cast(t!, 'int32'), tf.cast(e!, 'int32')),
      tf.prelu(t!, alpha!),
      tf.grad((x: tf.Tensor) => tf.sum(tf.elu(x)))(t!),
    ];
    expect(difference(given, operation)).toBeUndefined();
    expectRan('addN', 'select', 'prelu', 'eluGradient');
  });

  it('refuses shapes that do not go together as TensorFlow.js does', () => {
    tf.setBackend('onednn');
    tf.tidy(() => {
      expect(() => tf.add(tf.ones([2, 3]), tf.ones([4]))).toThrow(/could not be broadcast/);
    });
  });
});
