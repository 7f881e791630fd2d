import * as tf from '@tensorflow/tfjs-core';
import { dropInto, optimizeInPlace } from './in-place.ts';
import {
  OPTIMIZER_UPDATE,
  SEEDED_DROPOUT,
  type OptimizerUpdateAttrs,
  type SeededDropoutAttrs,
} from './kernels.ts';

/** How to reach the numbers of a backend's tensors. */
export interface ArrayAccess {
  /** A new float32 tensor; its contents are whatever. */
  create(shape: readonly number[]): tf.TensorInfo;
  /** The elements where they lie. Valid until the next `create`. */
  floats(tensor: tf.TensorInfo): Float32Array;
  integers(tensor: tf.TensorInfo): Int32Array;
  /** Tells the backend that a tensor's numbers have changed under it. */
  changed(tensor: tf.TensorInfo): void;
}

interface Call {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: unknown;
}

function optimizerUpdate(access: ArrayAccess, { inputs, attrs }: Call): tf.TensorInfo {
  const settings = attrs as OptimizerUpdateAttrs;
  const dummy = access.create([]);
  const floats = (name: string): Float32Array | undefined => {
    const tensor = inputs[name];
    return tensor && access.floats(tensor);
  };
  const hyper = floats('hyper')!;
  for (let i = 0; i < settings.count; i++) {
    const [p, g] = [floats(`p${i}`)!, floats(`g${i}`)!];
    const decayed = inputs[`p${i}`]!.shape.length >= 2;
    optimizeInPlace({ p, g, m: floats(`m${i}`), v: floats(`v${i}`), decayed }, settings, hyper);
    access.changed(inputs[`p${i}`]!);
  }
  return dummy;
}

function seededDropout(access: ArrayAccess, { inputs, attrs }: Call): tf.TensorInfo {
  const [x, key] = [inputs['x']!, inputs['key']!];
  const y = access.create(x.shape);
  dropInto(access.floats(y), access.floats(x), access.integers(key), (attrs as SeededDropoutAttrs).rate);
  return y;
}

/** Registers the updates in place and dropout for a backend whose memory JavaScript can reach. */
export function registerArrayKernels(backendName: string, accessOf: (backend: unknown) => ArrayAccess): void {
  const kernels = {
    [OPTIMIZER_UPDATE]: optimizerUpdate,
    [SEEDED_DROPOUT]: seededDropout,
  };
  for (const [kernelName, run] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) =>
        run(accessOf(backend), { inputs: inputs as Call['inputs'], attrs }),
    });
  }
}
