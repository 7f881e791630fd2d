import {
  broadcast_util,
  getKernel,
  util,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { areFloat, BACKEND, input, type KernelCall, type KernelTable } from '../kernel.ts';

const OWN = new Set(['linear', 'relu', undefined, null]);
const KERNEL_OF: Readonly<Record<string, string>> = {
  elu: 'Elu',
  relu6: 'Relu6',
  prelu: 'Prelu',
  leakyrelu: 'LeakyRelu',
  sigmoid: 'Sigmoid',
};

function runKernel(call: KernelCall, name: string, inputs: NamedTensorInfoMap, attrs = {}): TensorInfo {
  return getKernel(name, BACKEND).kernelFunc({ inputs, attrs, backend: call.backend }) as TensorInfo;
}

/** The activation of a fused kernel that its operation did not do itself. `y` is given away. */
export function activated(call: KernelCall, y: TensorInfo): TensorInfo {
  const name = call.attrs['activation'] as string | undefined;
  if (OWN.has(name)) return y;
  const weights = call.inputs['preluActivationWeights'];
  const inputs = name === 'prelu' ? { x: y, alpha: weights! } : { x: y };
  const kernel = KERNEL_OF[name!];
  if (!kernel) throw new Error(`Activation ${name} has not been implemented for the ${BACKEND} backend.`);
  const result = runKernel(call, kernel, inputs, { alpha: call.attrs['leakyreluAlpha'] as number });
  call.backend.disposeData(y.dataId);
  return result;
}

/** Batches that broadcast in several dimensions: each side is repeated to all of them first. */
function broadcast(
  call: KernelCall,
  [a, outerA]: readonly [TensorInfo, number[]],
  [b, outerB]: readonly [TensorInfo, number[]],
  bias: TensorInfo | undefined,
  relu: boolean,
): TensorInfo | undefined {
  const outer = broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const whole = (x: TensorInfo, own: number[]): TensorInfo => {
    const shape = [...outer.map(() => 1).slice(own.length), ...x.shape];
    const reps = [...outer.map((size, d) => size / shape[d]!), 1, 1];
    return runKernel(call, 'Tile', { x: { ...x, shape } }, { reps });
  };
  const [wholeA, wholeB] = [whole(a, outerA), whole(b, outerB)];
  const y = product({ ...call, inputs: { ...call.inputs, a: wholeA, b: wholeB } }, bias, relu);
  for (const { dataId } of [wholeA, wholeB]) call.backend.disposeData(dataId);
  return y;
}

function product(call: KernelCall, bias: TensorInfo | undefined, relu: boolean): TensorInfo | undefined {
  const [a, b] = [input(call, 'a'), input(call, 'b')];
  const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
  if (!areFloat(a, b, bias)) return undefined;
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, inner] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [n, other] = transposeB ? [rowsB, columnsB] : [columnsB, rowsB];
  util.assert(
    inner === other,
    () =>
      `Error in matMul: inner shapes (${inner}) and (${other}) of Tensors with shapes ${a.shape} and ${b.shape} ` +
      `and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [batchA, batchB] = [util.sizeFromShape(outerA), util.sizeFromShape(outerB)];
  const same = util.arraysEqual(outerA, outerB);
  if (!same && batchA !== 1 && batchB !== 1) return broadcast(call, [a, outerA], [b, outerB], bias, relu);
  if (bias && !(bias.shape.length <= 1 && util.sizeFromShape(bias.shape) === n)) return undefined;
  const shape = [...broadcast_util.assertAndGetBroadcastShape(outerA, outerB), m, n];
  // with a ReLU it is a hidden layer's activation; without, it may be a weight's gradient or a network's answer
  const c = relu ? call.backend.activation(shape) : call.backend.output(shape);
  const flags = [transposeA ? 1 : 0, transposeB ? 1 : 0, relu ? 1 : 0];
  call.backend.run('matmul', [batchA, batchB, m, inner, n, ...flags], [a, b, bias], [c]);
  return c;
}

export const matmulKernels: KernelTable = {
  BatchMatMul: (call) => product(call, undefined, false),
  _FusedMatMul: (call) => {
    const y = product(call, call.inputs['bias'], call.attrs['activation'] === 'relu');
    return y && activated(call, y);
  },
};
