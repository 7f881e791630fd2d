import * as tf from '@tensorflow/tfjs-core';

export interface TrainedNorm {
  /** (x - mean) / sqrt(variance + epsilon) * gamma + beta, the shape of x. */
  readonly y: tf.Tensor;
  /** Of this batch, per channel; no gradient flows through them. */
  readonly mean: tf.Tensor1D;
  /** Of this batch, per channel, biased (divided by the count), as tfjs-layers' BatchNormalization keeps it. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation of a training step, for engines without the kernel of a whole block. Their own kernels where they have
 * them (tensorflow: the operation; wasm: the passes), composed of TensorFlow.js ops elsewhere; the same values within
 * rounding. Formulas: Ioffe and Szegedy 2015.
 */
export function normalizeBatch(
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): TrainedNorm {
  if (tf.getKernel('BatchNormTraining', tf.getBackend())) return fused(x, gamma, beta, epsilon);
  const { moments, normalise } = passes();
  const [mean, variance] = tf.tidy(() => moments(x));
  const op = tf.customGrad((...args) => {
    const [x, gamma, beta, save] = args as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    save([x, gamma, mean, variance]);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const scale = tf.mul<tf.Tensor1D>(gamma, inverse);
    const value = normalise(x, scale, tf.sub(beta, tf.mul(mean, scale)));
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradients(dy, saved, epsilon) };
  });
  return { y: op(x, gamma, beta), mean, variance };
}

/** Where the engine has the whole operation and its gradient as one kernel each. */
function fused(x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): TrainedNorm {
  const run = (kernel: string, inputs: Record<string, tf.Tensor>): tf.Tensor[] =>
    tf.engine().runKernel(kernel, inputs, { epsilon }) as tf.Tensor[];
  const [y, mean, variance, spare] = run('BatchNormTraining', { x: x.clone(), gamma, beta }) as [
    ...[tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.Tensor],
  ];
  const op = tf.customGrad((...args) => {
    const [x, gamma, , save] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, gamma, mean, variance, spare]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [x, gamma, mean, variance, spare] = saved as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      return run('BatchNormTrainingGradient', { dy, x, gamma, mean, variance, spare });
    };
    return { value: y.clone(), gradFunc };
  });
  return { y: op(x, gamma, beta), mean, variance };
}

/** dx = s (dy - sum(dy)/n - (x - mean) sum(dy (x - mean)) / (n (variance + epsilon))), s = gamma / sqrt(variance + epsilon). */
function gradients(dy: tf.Tensor, saved: tf.Tensor[], epsilon: number): tf.Tensor[] {
  const [x, gamma, mean, variance] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const { dots, blend } = passes();
  return tf.tidy(() => {
    const count = x.size / gamma.size;
    const [sum, dot] = dots(dy, x, mean);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const p = tf.mul<tf.Tensor1D>(gamma, inverse);
    const slope = tf.mul(tf.mul(dot, tf.square(inverse)), -1 / count);
    const q = tf.mul<tf.Tensor1D>(p, slope);
    const r = tf.sub<tf.Tensor1D>(tf.mul(tf.mul(p, sum), -1 / count), tf.mul(q, mean));
    return [blend(dy, p, x, q, r), tf.mul(dot, inverse), sum];
  });
}

interface Passes {
  moments(x: tf.Tensor): [tf.Tensor1D, tf.Tensor1D];
  normalise(x: tf.Tensor, scale: tf.Tensor1D, shift: tf.Tensor1D): tf.Tensor;
  dots(dy: tf.Tensor, x: tf.Tensor, mean: tf.Tensor1D): [tf.Tensor1D, tf.Tensor1D];
  blend(a: tf.Tensor, p: tf.Tensor1D, b: tf.Tensor, q: tf.Tensor1D, r: tf.Tensor1D): tf.Tensor;
}

/** The five passes as kernels of the active backend, or composed. */
function passes(): Passes {
  return tf.getKernel('ColumnMoments', tf.getBackend()) ? native : composed;
}

function run<T>(kernel: string, inputs: Record<string, tf.Tensor>): T {
  return tf.engine().runKernel(kernel, inputs) as T;
}

const native: Passes = {
  moments: (x) => run('ColumnMoments', { x }),
  normalise: (x, scale, shift) => run('ScaleColumns', { x, scale, shift }),
  dots: (dy, x, mean) => run('ColumnDots', { dy, x, mean }),
  blend: (a, p, b, q, r) => run('BlendColumns', { a, p, b, q, r }),
};

const composed: Passes = {
  moments: (x) => {
    const { mean, variance } = tf.moments(x, leadingAxes(x));
    return [mean as tf.Tensor1D, variance as tf.Tensor1D];
  },
  normalise: (x, scale, shift) => tf.add(tf.mul(x, scale), shift),
  dots: (dy, x, mean) => {
    const axes = leadingAxes(x);
    return [tf.sum(dy, axes), tf.sum(tf.mul(dy, tf.sub(x, mean)), axes)];
  },
  blend: (a, p, b, q, r) => tf.add(tf.mul(a, p), tf.add(tf.mul(b, q), r)),
};

function leadingAxes(x: tf.Tensor): number[] {
  return x.shape.slice(0, -1).map((_, axis) => axis);
}
