import * as tf from '@tensorflow/tfjs-core';

/**
 * Milliseconds per step in each kernel of the active backend, largest first, by wrapping every registered kernel for
 * `steps` steps. A kernel that calls another kernel's function directly counts as one.
 */
export function profileKernels(step: () => unknown, steps: number): [string, number][] {
  const spent = new Map<string, number>();
  const backend = tf.getBackend();
  const before = tf.getKernelsForBackend(backend);
  const replace = (config: tf.KernelConfig): void => {
    tf.unregisterKernel(config.kernelName, backend);
    tf.registerKernel(config);
  };
  for (const config of before) replace({ ...config, kernelFunc: timed(config) });
  const began = performance.now();
  for (let i = 0; i < steps; i++) step();
  const total = (performance.now() - began) / steps;
  before.forEach(replace);
  const rows = [...spent]
    .map(([name, ms]): [string, number] => [name, ms / steps])
    .sort((a, b) => b[1] - a[1]);
  const inKernels = rows.reduce((sum, [, ms]) => sum + ms, 0);
  return [['step', total], ['outside kernels', total - inKernels], ...rows];

  function timed({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc {
    return (call) => {
      const start = performance.now();
      const out = kernelFunc(call);
      const shapes = Object.values(call.inputs).map(
        (t) => (t as tf.TensorInfo | undefined)?.shape?.join('x') ?? '',
      );
      const name = process.env['BENCH_SHAPES'] ? `${kernelName} ${shapes.join(' ')}` : kernelName;
      spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
      return out;
    };
  }
}
