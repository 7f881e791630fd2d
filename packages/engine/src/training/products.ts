import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';
import { runNative } from './native.ts';
import { reluGradientOf } from './relu-gradient.ts';

/** What may follow a product within the same kernel. */
export interface Epilogue {
  /** [columns] */
  readonly bias?: tf.Tensor1D | undefined;
  readonly relu?: boolean;
}

/** Sum over all axes but the last. */
function columnSums(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  return tf.sum(x, axes);
}

/**
 * x [n, in] times kernel [in, out], plus bias, through ReLU: one kernel forward. TensorFlow.js computes the same of single
 * ops within a gradient, as it keeps what comes before the ReLU; its output tells as much.
 */
export function denseBlock(
  x: tf.Tensor2D,
  kernel: tf.Tensor2D,
  { bias, relu = false }: Epilogue,
): tf.Tensor2D {
  const activation = relu ? 'relu' : 'linear';
  return differentiable<tf.Tensor2D>({
    inputs: { x, kernel, ...(bias && { bias }) },
    forward(save) {
      // not tf.fused, which within a gradient does everything apart; kernels expect batches
      const [a, b] = [x, kernel].map((each) => tf.reshape(each, [1, ...each.shape])) as [
        tf.Tensor,
        tf.Tensor,
      ];
      const attrs = { transposeA: false, transposeB: false, activation, leakyreluAlpha: 0 };
      const product = runNative<tf.Tensor>(tf._FusedMatMul, { a, b, ...(bias && { bias }) }, attrs);
      const y = tf.reshape(product, [x.shape[0], kernel.shape[1]]) as tf.Tensor2D;
      save([x, kernel, ...(relu ? [y] : [])]);
      return y;
    },
    gradients(dy, saved) {
      const [x, kernel, y] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      const dz = relu ? reluGradientOf(y, dy) : dy;
      return {
        x: () => tf.matMul(dz, kernel, false, true),
        kernel: () => tf.matMul(x, dz, true, false),
        bias: () => columnSums(dz),
      };
    },
  });
}

/** Geometry of a convolution, channels last, no dilation. */
export interface ConvGeometry {
  readonly strides: readonly [number, number];
  readonly pad: 'valid' | 'same';
}

/** x [n, h, w, in] convolved with filter [h, w, in, out], plus bias, through ReLU: as `denseBlock`. */
export function convBlock(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { strides: [down, right], pad }: ConvGeometry,
  { bias, relu = false }: Epilogue = {},
): tf.Tensor4D {
  const strides: [number, number] = [down, right];
  if (!bias && !relu) return tf.conv2d(x, filter, strides, pad);
  const activation = relu ? 'relu' : 'linear';
  const geometry = { strides, pad, dataFormat: 'NHWC' };
  return differentiable<tf.Tensor4D>({
    inputs: { x, filter, ...(bias && { bias }) },
    forward(save) {
      const attrs = { ...geometry, dilations: [1, 1], activation };
      const y = runNative<tf.Tensor4D>(tf.FusedConv2D, { x, filter, ...(bias && { bias }) }, attrs);
      save([x, filter, ...(relu ? [y] : [])]);
      return y;
    },
    gradients(dy, saved) {
      const [x, filter, y] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const dz = relu ? reluGradientOf(y, dy) : dy;
      const attrs = { inputShape: x.shape, filterShape: filter.shape };
      return {
        x: () => runNative(tf.Conv2DBackpropInput, { dy: dz, filter }, { ...geometry, ...attrs }),
        filter: () => runNative(tf.Conv2DBackpropFilter, { x, dy: dz }, { ...geometry, ...attrs }),
        bias: () => columnSums(dz),
      };
    },
  });
}
