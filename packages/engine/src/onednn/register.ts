import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Addon } from './addon.ts';
import { OnednnBackend } from './backend.ts';
import { BACKEND, type KernelCall, type KernelTable, type NativeKernel } from './kernel.ts';
import { binaryKernels } from './kernels/binary.ts';
import { castKernels } from './kernels/cast.ts';
import { convolutionKernels } from './kernels/convolution.ts';
import { gatherKernels } from './kernels/gather.ts';
import { imageKernels } from './kernels/image.ts';
import { matmulKernels } from './kernels/matmul.ts';
import { paddingKernels } from './kernels/padding.ts';
import { rearrangeKernels } from './kernels/rearrange.ts';
import { reductionKernels } from './kernels/reduction.ts';
import { shapeKernels } from './kernels/shape.ts';
import { trainingKernels } from './kernels/training.ts';
import { unaryKernels } from './kernels/unary.ts';

const NATIVE: KernelTable = {
  ...convolutionKernels,
  ...matmulKernels,
  ...shapeKernels,
  ...trainingKernels,
  ...castKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...paddingKernels,
  ...rearrangeKernels,
  ...gatherKernels,
  ...imageKernels,
  ...unaryKernels,
};

/** The native kernel, and the cpu backend's where it does not know the case. */
function withFallback(name: string, native: NativeKernel, cpu: tf.KernelFunc | undefined): tf.KernelFunc {
  return (call) => {
    const { backend } = call as unknown as KernelCall;
    backend.kernel = name;
    const result = native(call as unknown as KernelCall);
    if (result !== undefined) return result;
    if (!cpu) throw new Error(`${name} of the ${BACKEND} engine does not know this case`);
    return cpu(call);
  };
}

function named(name: string, cpu: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    (call as unknown as KernelCall).backend.kernel = name;
    return cpu(call);
  };
}

/** Makes the backend known to TensorFlow.js: our kernels, and the cpu backend's for all the others. */
export function registerOnednn(addon: Addon): void {
  for (const config of tf.getKernelsForBackend('cpu')) {
    const { kernelName, kernelFunc } = config;
    const native = NATIVE[kernelName];
    const chosen = native ? withFallback(kernelName, native, kernelFunc) : named(kernelName, kernelFunc);
    tf.registerKernel({ ...config, backendName: BACKEND, kernelFunc: chosen });
  }
  for (const [kernelName, native] of Object.entries(NATIVE)) {
    if (tf.getKernel(kernelName, BACKEND)) continue;
    const kernelFunc = withFallback(kernelName, native, undefined);
    tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
  }
  tf.registerBackend(BACKEND, () => new OnednnBackend(addon), 4);
}
