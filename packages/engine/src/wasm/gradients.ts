import * as tf from '@tensorflow/tfjs-core';

function run<T>(kernel: string, inputs: Record<string, tf.Tensor>, attrs = {}): T {
  return tf.engine().runKernel(kernel, inputs, attrs) as T;
}

/** Two passes instead of about fifteen, where statistics are per channel; undefined where they are not. */
export function batchNormGradient(
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  epsilon: number,
): ReturnType<tf.GradFunc> | undefined {
  const [x, mean, variance, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | undefined];
  if (mean.rank !== 1 || variance.rank !== 1 || (scale && scale.rank !== 1)) return undefined;
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const slope = scale ? tf.mul(scale, inverse) : inverse;
  const [sum, dot] = run<[tf.Tensor, tf.Tensor]>('ColumnDots', { dy, x, mean });
  return {
    x: () => tf.mul(dy, slope),
    mean: () => tf.neg(tf.mul(sum, slope)),
    variance: () => tf.mul(tf.mul(dot, slope), tf.mul(tf.square(inverse), -0.5)),
    scale: () => tf.mul(dot, inverse),
    offset: () => sum.clone(),
  };
}

/** The gradient of a mean over leading axes: dy / count, repeated; undefined for other axes. */
export function meanGradient(
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  axis: number | number[],
): ReturnType<tf.GradFunc> | undefined {
  const [x] = saved as [tf.Tensor];
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((p, q) => p - q);
  if (axes.length === x.rank || x.size === 0 || axes.some((a, i) => a !== i)) return undefined;
  const row = (): tf.Tensor => tf.div(tf.reshape(dy, [dy.size]), x.size / dy.size);
  return { x: () => run<tf.Tensor>('RepeatRow', { x: row() }, { shape: x.shape }) };
}
