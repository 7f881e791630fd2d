import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { overrideGradient } from '../src/gradient-override.ts';
import { installOnednnGradients } from '../src/onednn/gradients.ts';
import {
  addon,
  difference,
  expectRan,
  forget,
  operations,
  resultsOn,
  type Given,
  type Operation,
} from './native.ts';

/** Each beside the cpu backend: values, shapes, types, and nothing left behind. */
const CASES: readonly [string, string, readonly Given[], Operation][] = [
  ['sums of long rows', 'sum', [{ shape: [5, 1003] }], (x) => tf.sum(x!, -1)],
  ['sums of short rows', 'sum', [{ shape: [300, 7] }], (x) => tf.sum(x!, -1)],
  ['sums of columns', 'sum', [{ shape: [257, 45] }], (x) => tf.sum(x!, 0)],
  ['sums of wide columns', 'sum', [{ shape: [37, 1500] }], (x) => tf.sum(x!, 0)],
  ['means of the middle', 'mean', [{ shape: [6, 5, 4, 19] }], (x) => tf.mean(x!, [1, 2])],
  ['argMax of rows', 'argMax', [{ shape: [9, 130] }], (x) => tf.argMax(x!, -1)],
  [
    'argMax of few, with equals',
    'argMax',
    [{ shape: [60, 4], values: [1, 3, 3, 2, 0, 0, 0, 0] }],
    (x) => tf.argMax(x!, -1),
  ],
  [
    'argMin with NaN',
    'argMin',
    [{ shape: [4, 20], values: [NaN, 1, 0, 2, 3, NaN, -1] }],
    (x) => tf.argMin(x!, -1),
  ],
  [
    'the largest of rows',
    'topK',
    [{ shape: [7, 61] }],
    (x) => {
      const { values, indices } = tf.topk(x!, 5);
      return [values, indices];
    },
  ],
  [
    'many of the largest, with equals',
    'topK',
    [{ shape: [3, 90], values: [1, 5, 2, 5, 3, 3, 0] }],
    (x) => {
      const { values, indices } = tf.topk(x!, 40);
      return [values, indices];
    },
  ],
  [
    'the largest whole numbers',
    'topKInt',
    [{ shape: [40], dtype: 'int32', range: [-50, 50] }],
    (x) => {
      const { values, indices } = tf.topk(x!, 3);
      return [values, indices];
    },
  ],
  [
    'rows by several indices',
    'gatherNd',
    [{ shape: [3, 4, 5] }, { shape: [2, 3, 2], dtype: 'int32', values: [0, 3, 2, 1, 1, 0] }],
    (x, i) => tf.gatherND(x!, i!),
  ],
  [
    'parts beside each other',
    'concat',
    [{ shape: [3, 2, 4] }, { shape: [3, 2, 16] }, { shape: [3, 2, 1] }],
    (...parts) => tf.concat(parts, -1),
  ],
  [
    'parts in the middle, of bool',
    'concat',
    [
      { shape: [3, 2, 5], dtype: 'bool' },
      { shape: [3, 4, 5], dtype: 'bool' },
    ],
    (...parts) => tf.concat(parts, 1),
  ],
  ['a stack', 'concat', [{ shape: [3, 5] }, { shape: [3, 5] }], (...parts) => tf.stack(parts, 1)],
  ['a row on every row', 'add', [{ shape: [301, 17] }, { shape: [17] }], (a, b) => tf.add(a!, b!)],
  ['every row from a row', 'sub', [{ shape: [64] }, { shape: [70, 64] }], (a, b) => tf.sub(a!, b!)],
  ['comparison with a row', 'greater', [{ shape: [33, 5] }, { shape: [5] }], (a, b) => tf.greater(a!, b!)],
  [
    'means of windows',
    'avgPool',
    [{ shape: [2, 7, 5, 21] }],
    (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'),
  ],
  [
    'largest of windows',
    'maxPool',
    [{ shape: [2, 7, 5, 21] }],
    (x) => tf.maxPool(x as tf.Tensor4D, [2, 3], 1, 'valid'),
  ],
  ['steps', 'step', [{ shape: [300], values: [-1, 0, 2, NaN] }], (x) => tf.step(x!, 0.25)],
  ['softmax of long rows', 'softmax', [{ shape: [3, 2500], range: [-9, 9] }], (x) => tf.softmax(x!)],
];

const GRADIENTS: readonly [string, readonly Given[], (...x: tf.Tensor[]) => tf.Tensor][] = [
  ['Tile', [{ shape: [2, 3, 4] }], (x) => tf.square(tf.tile(x!, [3, 1, 2]))],
  ['Tile of everything', [{ shape: [4] }], (x) => tf.square(tf.tile(x!, [5]))],
  ['Sum', [{ shape: [2, 3, 4] }], (x) => tf.square(tf.sum(x!, [0, 2]))],
  ['Mean', [{ shape: [2, 3, 4] }], (x) => tf.square(tf.mean(x!, -1, true))],
  ['Mean of all', [{ shape: [7] }], (x) => tf.square(tf.mean(x!))],
  ['Softmax', [{ shape: [3, 9] }], (x) => tf.square(tf.softmax(x!))],
  ['Relu', [{ shape: [3, 9] }], (x) => tf.square(tf.relu(x!))],
  [
    'FusedBatchNorm',
    [{ shape: [2, 3, 4] }, { shape: [4] }, { shape: [4], range: [1, 2] }, { shape: [4] }, { shape: [4] }],
    (x, mean, variance, offset, scale) =>
      tf.square(
        tf.batchNorm(
          x!,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          1e-3,
        ),
      ),
  ],
];

describe.runIf(addon)('what nets are made of, natively', () => {
  afterEach(forget);

  it.each(CASES)('%s', (_, operation, given, run) => {
    expect(difference(given, run, 1e-5)).toBeUndefined();
    expectRan(operation);
  });

  it.each(GRADIENTS)('gradient of %s', (_, given, run) => {
    installOnednnGradients();
    const gradients: Operation = (...x) => tf.grads((...y: tf.Tensor[]) => tf.sum(run(...y)))(x);
    expect(difference(given, gradients, 1e-5)).toBeUndefined();
  });

  it('multiplies batches that broadcast in several dimensions', () => {
    // the cpu backend answers with fewer values than the result has
    const given = [{ shape: [2, 1, 3, 4] }, { shape: [5, 4, 6] }];
    const [ours] = resultsOn('onednn', given, (a, b) => tf.matMul(a!, b!));
    const [reference] = resultsOn('cpu', given, (a, b) =>
      tf.matMul(tf.tile(a!, [1, 5, 1, 1]), tf.tile(tf.reshape(b!, [1, 5, 4, 6]), [2, 1, 1, 1])),
    );
    expect(ours!.shape).toEqual([2, 5, 3, 6]);
    ours!.values.forEach((value, i) => expect(value).toBeCloseTo(reference!.values[i]!, 5));
  });

  it('takes the gradient of a repetition in one sum, not one slice each', () => {
    installOnednnGradients();
    resultsOn('onednn', [{ shape: [1, 8] }], (x) =>
      tf.grad((t: tf.Tensor) => tf.sum(tf.tile(t, [500, 1])))(x!),
    );
    expect(operations.filter((name) => name === 'slice')).toEqual([]);
    expect(operations.length).toBeLessThan(12);
  });

  it('keeps its gradients where all of TensorFlow.js are registered again', () => {
    installOnednnGradients();
    tf.registerGradient({
      kernelName: 'Tile',
      inputsToSave: ['x'],
      gradFunc: (_, [x]) => ({ x: () => tf.zerosLike(x as tf.Tensor) }),
    });
    const gradient: Operation = (x) => tf.grad((t: tf.Tensor) => tf.sum(tf.tile(t, [3, 1])))(x!);
    expect(resultsOn('onednn', [{ shape: [1, 2] }], gradient)[0]!.values).toEqual([3, 3]);
    // the other backends have what was registered last
    expect(resultsOn('cpu', [{ shape: [1, 2] }], gradient)[0]!.values).toEqual([0, 0]);
    overrideGradient('cpu', 'Tile', (_, [x]) => ({ x: () => tf.onesLike(x as tf.Tensor) }));
    expect(resultsOn('cpu', [{ shape: [1, 2] }], gradient)[0]!.values).toEqual([1, 1]);
    expect(resultsOn('onednn', [{ shape: [1, 2] }], gradient)[0]!.values).toEqual([3, 3]);
  });
});
