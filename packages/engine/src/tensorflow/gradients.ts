import * as tf from '@tensorflow/tfjs-core';

/** The method of tfjs-node's backend that runs a TensorFlow op by its name. */
interface TensorflowBackend {
  executeSingleOutput(
    name: string,
    attributes: readonly object[],
    inputs: readonly tf.TensorInfo[],
  ): tf.TensorInfo;
}

/** TF_DataType TF_FLOAT and TF_AttrType TF_ATTR_TYPE, of TensorFlow's C API (c/tf_datatype.h, c/tf_attrtype.h). */
const TF_FLOAT = 1;
const TF_ATTR_TYPE = 4;

let installed = false;

function registerReluGradient(): void {
  tf.registerKernel({
    kernelName: 'ReluGradient',
    backendName: 'tensorflow',
    kernelFunc({ inputs, backend }) {
      const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
      const type = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT };
      return (backend as unknown as TensorflowBackend).executeSingleOutput('ReluGrad', [type], [dy, x]);
    },
  });
}

/**
 * Lets the gradient of ReLU run as TensorFlow's one `ReluGrad` kernel instead of the eight full passes that
 * TensorFlow.js composes (`step`, `cast` and `mul`). Other backends keep their gradient.
 */
export function installTensorflowGradients(): void {
  if (installed) return;
  installed = true;
  registerReluGradient();
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
