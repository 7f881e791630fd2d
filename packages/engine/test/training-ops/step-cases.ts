import * as tf from '@tensorflow/tfjs-core';
import {
  captureStep,
  convBlock,
  denseBlock,
  parameterUpdate,
  updateHyper,
  updateRule,
} from '../../src/index.ts';
import { near, numbers, same, sizeOf, tensor, type TrainingOpCase } from './figures.ts';

/** A captured step that counts, and forgets nothing: the variable moves in place, the outputs are copies. */
export const captureCase: TrainingOpCase = {
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
export const freshnessCase: TrainingOpCase = {
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
