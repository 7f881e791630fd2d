import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js';
import { util } from '@tensorflow/tfjs-core';
import { registerArrayKernels } from './array-kernels.ts';

/** Updates in place and dropout for the plain JavaScript backend. */
export function registerCpuKernels(): void {
  registerArrayKernels('cpu', (backend) => {
    const cpu = backend as MathBackendCPU;
    return {
      create: (shape) =>
        cpu.makeTensorInfo([...shape], 'float32', new Float32Array(util.sizeFromShape([...shape]))),
      floats: ({ dataId }) => cpu.data.get(dataId).values as Float32Array,
      integers: ({ dataId }) => cpu.data.get(dataId).values as Int32Array,
      changed: () => {},
    };
  });
}
