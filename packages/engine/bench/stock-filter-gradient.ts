import * as tf from '@tensorflow/tfjs-core';

/**
 * The filter gradient that the wasm backend lacks, composed of what it has, for stride 1 and odd filters with 'same' padding: the
 * convolution of the transposed input with the transposed dy. What a project would write with no kernels of its own.
 */
export function installStockFilterGradient(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const [height] = (attrs as unknown as { filterShape: number[] }).filterShape as [number];
      return tf.tidy(() => {
        const asTensor = (t: tf.Tensor4D): tf.Tensor4D =>
          tf.engine().makeTensorFromTensorInfo(t) as tf.Tensor4D;
        const images = tf.transpose(asTensor(x), [3, 1, 2, 0]);
        const filters = tf.transpose(asTensor(dy), [1, 2, 0, 3]);
        const dw = tf.transpose(tf.conv2d(images, filters, 1, (height - 1) / 2), [1, 2, 0, 3]);
        return tf.keep(dw);
      });
    },
  });
}
