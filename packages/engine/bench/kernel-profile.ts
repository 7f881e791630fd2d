import * as tf from '@tensorflow/tfjs-core';

/**
 * Milliseconds per step in each kernel of the active backend, largest first, by wrapping every registered kernel. Of `steps`
 * steps the least of each: other work on the machine only adds. A kernel that calls another's function directly counts as one.
 * With `shapes`, kernels are told apart by the shapes of their inputs.
 */
export function profileKernels(step: () => unknown, steps: number, shapes = false): [string, number][] {
  const least = new Map<string, number>();
  let spent = new Map<string, number>();
  const backend = tf.getBackend();
  const before = tf.getKernelsForBackend(backend);
  for (const config of before) replace({ ...config, kernelFunc: timed(config) });
  for (let i = 0; i < steps; i++) {
    spent = new Map();
    const began = performance.now();
    step();
    const total = performance.now() - began;
    const inKernels = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
    for (const [name, ms] of [
      ['step', total] as const,
      ['outside kernels', total - inKernels] as const,
      ...spent,
    ]) {
      least.set(name, Math.min(least.get(name) ?? Infinity, ms));
    }
  }
  before.forEach(replace);
  return [...least].sort((a, b) => b[1] - a[1]);

  function replace(config: tf.KernelConfig): void {
    tf.unregisterKernel(config.kernelName, backend);
    tf.registerKernel(config);
  }

  function timed({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc {
    return (call) => {
      const start = performance.now();
      const out = kernelFunc(call);
      const sizes = Object.values(call.inputs).map(
        (t) => (t as tf.TensorInfo | undefined)?.shape?.join('x') ?? '',
      );
      const name = shapes ? `${kernelName} ${sizes.join(' ')}` : kernelName;
      spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
      return out;
    };
  }
}
