import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';
import { LAYER_NORM, LAYER_NORM_GRAD } from './kernels.ts';
import { isNative, runNative } from './native.ts';

export interface LayerNormArgs {
  /** [.., C] */
  readonly x: tf.Tensor;
  /** [C]; 1 where not given. */
  readonly scale?: tf.Tensor | undefined;
  /** [C]; 0 where not given. */
  readonly offset?: tf.Tensor | undefined;
  readonly epsilon: number;
}

/**
 * Layer normalisation over the last axis: (x - mean) / sqrt(variance + epsilon) * scale + offset, the variance biased. Ba,
 * Kiros and Hinton 2016.
 */
export function layerNorm(args: LayerNormArgs): tf.Tensor {
  const { x, scale, offset } = args;
  const width = x.shape.at(-1);
  for (const [name, tensor] of Object.entries({ scale, offset }))
    tf.util.assert(
      tensor === undefined || (tensor.rank === 1 && tensor.size === width),
      () => `layerNorm: ${name} must be [${width}], got [${tensor?.shape}].`,
    );
  return isNative(LAYER_NORM) ? native(args) : composedLayerNorm(args);
}

function native({ x, scale, offset, epsilon }: LayerNormArgs): tf.Tensor {
  return differentiable<tf.Tensor>({
    inputs: { x, ...(scale && { scale }), ...(offset && { offset }) },
    forward(save) {
      const inputs = { x, ...(scale && { scale }), ...(offset && { offset }) };
      const [y, mean, inverse] = runNative<[tf.Tensor, tf.Tensor, tf.Tensor]>(LAYER_NORM, inputs, {
        epsilon,
      });
      save([x, mean, inverse, ...(scale ? [scale] : [])]);
      return y;
    },
    gradients(dy, saved) {
      const [x, mean, inverse, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | undefined];
      const all = runNative<tf.Tensor[]>(LAYER_NORM_GRAD, { dy, x, mean, inverse, ...(scale && { scale }) });
      return { x: () => all[0]!, scale: () => all[1]!, offset: () => all[2]! };
    },
  });
}

/** The same of TensorFlow.js ops. */
export function composedLayerNorm({ x, scale, offset, epsilon }: LayerNormArgs): tf.Tensor {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(x, -1, true);
    const h = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
    const scaled = scale ? tf.mul(h, scale) : h;
    return offset ? tf.add(scaled, offset) : scaled;
  });
}
