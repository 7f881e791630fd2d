import * as tf from '@tensorflow/tfjs-core';
import { overrideGradient, reluGradient } from '../gradient-override.ts';
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

/** Registers TensorFlow's own training kernels where TensorFlow.js composes them of many passes. */
export function installTensorflowGradients(): void {
  if (installed) return;
  installed = true;
  registerBatchNormTraining();
  registerReluGradient();
  overrideGradient('tensorflow', 'Relu', reluGradient);
}
