import * as tf from '@tensorflow/tfjs-core';
import { type OpAttribute, TF, type TensorflowBackend } from './op.ts';

function attributes(epsilon: unknown): OpAttribute[] {
  return [
    { name: 'T', type: TF.ATTR_TYPE, value: TF.FLOAT },
    { name: 'U', type: TF.ATTR_TYPE, value: TF.FLOAT },
    { name: 'epsilon', type: TF.ATTR_FLOAT, value: epsilon as number },
    { name: 'data_format', type: TF.ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF.ATTR_BOOL, value: true },
  ];
}

/** The kernels take [batch, height, width, channels] and keep statistics over all axes but the last. */
function asImages(x: tf.TensorInfo): tf.Tensor {
  const channels = x.shape.at(-1)!;
  return tf.reshape(x as tf.Tensor, [-1, 1, 1, channels]);
}

type Inputs<Name extends string> = Readonly<Record<Name, tf.Tensor>>;

function forward(
  inputs: Inputs<'x' | 'gamma' | 'beta'>,
  backend: TensorflowBackend,
  epsilon: unknown,
): tf.Tensor[] {
  const { x, gamma, beta } = inputs;
  const none = tf.tensor1d([]);
  // y; running mean and variance; then what the gradient needs: mean, biased variance, and a spare
  const [y, , , mean, variance, spare] = backend.executeMultipleOutputs(
    'FusedBatchNormV3',
    attributes(epsilon),
    [asImages(x), gamma, beta, none, none],
    6,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return [tf.reshape(y, x.shape), mean, variance, spare];
}

function backward(
  inputs: Inputs<'dy' | 'x' | 'gamma' | 'mean' | 'variance' | 'spare'>,
  backend: TensorflowBackend,
  epsilon: unknown,
): tf.Tensor[] {
  const { dy, x, gamma, mean, variance, spare } = inputs;
  const [dx, dgamma, dbeta] = backend.executeMultipleOutputs(
    'FusedBatchNormGradV3',
    attributes(epsilon),
    [asImages(dy), asImages(x), gamma, mean, variance, spare],
    5,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return [tf.reshape(dx, x.shape), dgamma, dbeta];
}

/**
 * Registers batch normalisation of a training step, and its gradient, as TensorFlow's fused kernels
 * (`FusedBatchNormV3`, `FusedBatchNormGradV3`): one pass each way over what is otherwise composed of about fifteen.
 */
export function registerBatchNormTraining(): void {
  const register = (
    kernelName: string,
    run: (inputs: never, backend: never, epsilon: unknown) => tf.Tensor[],
  ): void =>
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, backend, attrs }) =>
        tf.tidy(() => run(inputs as never, backend as never, attrs?.['epsilon'])),
    });
  register('BatchNormTraining', forward);
  register('BatchNormTrainingGradient', backward);
}
