import * as tf from '@tensorflow/tfjs-core';
import { registerBatchNormTraining } from './batch-norm.ts';
import { TF, type TensorflowBackend } from './op.ts';

let installed = false;

function registerReluGradient(): void {
  tf.registerKernel({
    kernelName: 'ReluGradient',
    backendName: 'tensorflow',
    kernelFunc({ inputs, backend }) {
      const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
      const type = { name: 'T', type: TF.ATTR_TYPE, value: TF.FLOAT };
      return (backend as unknown as TensorflowBackend).executeSingleOutput('ReluGrad', [type], [dy, x]);
    },
  });
}

/**
 * Registers TensorFlow's fused training kernels, and lets the gradient of ReLU run as TensorFlow's one `ReluGrad` kernel instead of the eight full passes that
 * TensorFlow.js composes (`step`, `cast` and `mul`). Other backends keep their gradient.
 */
export function installTensorflowGradients(): void {
  if (installed) return;
  installed = true;
  registerReluGradient();
  registerBatchNormTraining();
  const generic = tf.getGradient('Relu');
  tf.registerGradient({
    ...generic,
    gradFunc(dy, saved, attributes) {
      if (tf.getBackend() !== 'tensorflow') return generic.gradFunc(dy, saved, attributes);
      const [x] = saved as [tf.Tensor];
      return { x: () => tf.engine().runKernel('ReluGradient', { x, dy: dy as tf.Tensor }) as tf.Tensor };
    },
  });
}
