import * as tf from '@tensorflow/tfjs-core';
import { convBlock, denseBlock } from '../../src/index.ts';
import { centralDifferences } from '../reference.ts';
import { leakFree, near, numbers, tensor, type Exactness, type TrainingOpCase } from './figures.ts';

/** A product with bias and ReLU, with its gradients, against float64. */
function denseCase(relu: boolean, bias: boolean, exactness: Exactness): TrainingOpCase {
  const [n, from, to] = [4, 6, 5];
  const { round } = exactness;
  const given = {
    x: numbers(91, n * from).map(round),
    kernel: numbers(92, from * to).map(round),
    bias: numbers(93, to),
  };
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
    const weights = numbers(94, n * to).map(round);
    near('y', run(inputs[0]!, inputs[1]!, inputs[2]).dataSync(), f(given), exactness.value);
    const gradients = tf.grads(
      (...at: tf.Tensor[]) =>
        tf.sum(tf.mul(run(at[0]!, at[1]!, at[2]), tensor(weights, [n, to]))) as tf.Scalar,
    )(inputs);
    names.forEach((name, i) => {
      const slopes = centralDifferences((at) => f({ ...given, [name]: [...at] }), given[name], weights);
      near(`gradient of ${name}`, gradients[i]!.dataSync(), slopes, exactness.gradient);
    });
  });
  return { name: `denseBlock${bias ? ' with bias' : ''}${relu ? ' and ReLU' : ''}`, check };
}

/** A convolution with bias and ReLU against float64: 3x3, [2, 5, 4, 2] -> 3 channels. */
function convCase(relu: boolean, pad: 'valid' | 'same', stride: 1 | 2, exactness: Exactness): TrainingOpCase {
  const [n, height, width, from, to, side] = [2, 5, 4, 2, 3, 3];
  const out = [height, width].map((length) =>
    pad === 'same' ? Math.ceil(length / stride) : Math.floor((length - side) / stride) + 1,
  ) as [number, number];
  const before = [height, width].map((length, axis) =>
    pad === 'same' ? Math.floor(Math.max((out[axis]! - 1) * stride + side - length, 0) / 2) : 0,
  ) as [number, number];
  const { round } = exactness;
  const given = {
    x: numbers(101, n * height * width * from).map(round),
    filter: numbers(102, side * side * from * to).map(round),
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
    near('y', y.dataSync(), f(given), exactness.value);
    const weights = numbers(104, y.size).map(round);
    const gradients = tf.grads(
      (...at: tf.Tensor[]) => tf.sum(tf.mul(run(...at), tensor(weights, y.shape))) as tf.Scalar,
    )(inputs);
    names.forEach((name, i) => {
      const slopes = centralDifferences((at) => f({ ...given, [name]: [...at] }), given[name], weights);
      near(`gradient of ${name}`, gradients[i]!.dataSync(), slopes, exactness.gradient);
    });
  });
  return { name: `convBlock with bias${relu ? ' and ReLU' : ''}, ${pad}, stride ${stride}`, check };
}

/** Products with what follows them in one kernel. */
export function productCases(exactness: Exactness): TrainingOpCase[] {
  const both = [true, false];
  return [
    ...both.flatMap((relu) => both.map((bias) => denseCase(relu, bias, exactness))),
    ...both.flatMap((relu) => [
      convCase(relu, 'same', 1, exactness),
      convCase(relu, 'valid', 1, exactness),
      convCase(relu, 'same', 2, exactness),
    ]),
  ];
}
