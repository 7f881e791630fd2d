import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import {
  LAYER_NORM,
  LAYER_NORM_GRAD,
  NORM_BLOCK,
  NORM_BLOCK_GRAD,
  OPTIMIZER_UPDATE,
  RELU_GRADIENT,
  SEEDED_DROPOUT,
  SOFTMAX_CROSS_ENTROPY,
  SMOOTH_ACTIVATION,
  SMOOTH_ACTIVATION_GRAD,
  SOFTMAX_CROSS_ENTROPY_GRAD,
  SOFTMAX_GRAD,
  type NormBlockAttrs,
  type OptimizerUpdateAttrs,
  type SmoothActivation,
} from '../../training/kernels.ts';
import { input, sizeOf, type KernelCall, type KernelTable } from '../kernel.ts';

interface BlockShape {
  readonly numbers: number[];
  readonly outShape: number[];
}

/** The numbers of native/ops/norm-block.cc. Without pooling, all axes but the last count as rows. */
function blockShape(x: TensorInfo, attrs: NormBlockAttrs): BlockShape {
  const flags = [attrs.epsilon, Number(attrs.reluBefore), Number(attrs.reluAfter)];
  if (!attrs.pool) {
    const channels = x.shape.at(-1)!;
    const rows = channels === 0 ? 0 : sizeOf(x) / channels;
    return { numbers: [1, 1, rows, channels, ...flags, ...Array(9).fill(0)] as number[], outShape: x.shape };
  }
  const { filterSize, strides, pad } = attrs.pool;
  const info = backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    [...filterSize],
    [...strides],
    1,
    pad,
  );
  const { top, left } = info.padInfo;
  const pool = [1, ...filterSize, ...strides, top, left, info.outHeight, info.outWidth];
  return { numbers: [...x.shape, ...flags, ...pool], outShape: info.outShape };
}

function normBlock(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const attrs = call.attrs as unknown as NormBlockAttrs;
  const x = input(call, 'x');
  const { numbers, outShape } = blockShape(x, attrs);
  const channels = x.shape.at(-1)!;
  const [y, mean, variance] = [
    backend.activation(outShape),
    backend.output([channels]),
    backend.output([channels]),
  ];
  const saved = backend.activation(attrs.pool ? outShape : [1]);
  const inputs = [x, call.inputs['bias'], call.inputs['scale'], call.inputs['offset']];
  backend.run('normBlock', numbers, inputs, [y, mean, variance, saved]);
  return [y, mean, variance, saved];
}

function normBlockGradient(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const x = input(call, 'x');
  const { numbers } = blockShape(x, call.attrs as unknown as NormBlockAttrs);
  const channels = x.shape.at(-1)!;
  const outputs = [backend.activation(x.shape), ...[1, 2, 3].map(() => backend.output([channels]))];
  const names = ['dy', 'x', 'bias', 'scale', 'mean', 'variance', 'y', 'saved'];
  backend.run(
    'normBlockGradient',
    numbers,
    names.map((name) => call.inputs[name]),
    outputs,
  );
  return outputs;
}

function dummy(call: KernelCall): TensorInfo {
  return call.backend.output([]);
}

const KINDS = ['sgd', 'adam', 'adamw'] as const;

function optimizerUpdate(call: KernelCall): TensorInfo {
  const { backend } = call;
  const attrs = call.attrs as unknown as OptimizerUpdateAttrs;
  const gradients: TensorInfo[] = [];
  const blocks: number[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < attrs.count; i++) {
    const parameter = input(call, `p${i}`);
    gradients.push(input(call, `g${i}`));
    for (const name of [`p${i}`, `m${i}`, `v${i}`]) {
      const tensor = call.inputs[name];
      blocks.push(tensor ? backend.inPlace(tensor) : 0);
    }
    sizes.push(sizeOf(parameter), parameter.shape.length >= 2 ? 1 : 0);
  }
  const { momentum, nesterov, beta1, beta2, epsilon, weightDecay } = attrs;
  const numbers = [KINDS.indexOf(attrs.kind), momentum, Number(nesterov), beta1, beta2, epsilon, weightDecay];
  backend.addon.run(
    'optimizerUpdate',
    [...numbers, attrs.count, ...sizes],
    [input(call, 'hyper'), ...gradients].map((tensor) => backend.input(tensor)),
    blocks,
  );
  return dummy(call);
}

function dropout(call: KernelCall): TensorInfo {
  const x = input(call, 'x');
  const y = call.backend.activation(x.shape);
  call.backend.run('seededDropout', [sizeOf(x), call.attrs['rate'] as number], [x, input(call, 'key')], [y]);
  return y;
}

function crossEntropy(call: KernelCall): TensorInfo[] {
  const [logits, labels] = [input(call, 'logits'), input(call, 'labels')];
  const outputs = [call.backend.output(labels.shape), call.backend.output(logits.shape)];
  const numbers = [...logits.shape, call.attrs['labelSmoothing'] as number];
  call.backend.run('softmaxCrossEntropy', numbers, [logits, labels], outputs);
  return outputs;
}

function crossEntropyGradient(call: KernelCall): TensorInfo {
  const probabilities = input(call, 'probabilities');
  const result = call.backend.output(probabilities.shape);
  const numbers = [...probabilities.shape, call.attrs['labelSmoothing'] as number];
  const inputs = [probabilities, input(call, 'labels'), input(call, 'dy')];
  call.backend.run('softmaxCrossEntropyGradient', numbers, inputs, [result]);
  return result;
}

function reluGradient(call: KernelCall): TensorInfo {
  const [x, dy] = [input(call, 'x'), input(call, 'dy')];
  const dx = call.backend.activation(x.shape);
  call.backend.run('reluGradient', [sizeOf(x)], [x, dy], [dx]);
  return dx;
}

function layerNorm(call: KernelCall): TensorInfo[] {
  const x = input(call, 'x');
  const width = x.shape.at(-1)!;
  const rows = width === 0 ? 0 : sizeOf(x) / width;
  const outputs = [call.backend.output(x.shape), call.backend.output([rows]), call.backend.output([rows])];
  const inputs = [x, call.inputs['scale'], call.inputs['offset']];
  call.backend.run('layerNorm', [rows, width, call.attrs['epsilon'] as number], inputs, outputs);
  return outputs;
}

function layerNormGradient(call: KernelCall): TensorInfo[] {
  const x = input(call, 'x');
  const width = x.shape.at(-1)!;
  const rows = width === 0 ? 0 : sizeOf(x) / width;
  const outputs = [call.backend.output(x.shape), call.backend.output([width]), call.backend.output([width])];
  const names = ['dy', 'x', 'scale', 'mean', 'inverse'];
  call.backend.run(
    'layerNormGradient',
    [rows, width],
    names.map((name) => call.inputs[name]),
    outputs,
  );
  return outputs;
}

const SMOOTH: readonly SmoothActivation[] = ['silu', 'gelu', 'hardSwish'];

const smoothActivation =
  (operation: string, ...names: string[]) =>
  (call: KernelCall): TensorInfo => {
    const x = input(call, 'x');
    const y = call.backend.output(x.shape);
    const numbers = [SMOOTH.indexOf(call.attrs['kind'] as SmoothActivation), sizeOf(x)];
    call.backend.run(
      operation,
      numbers,
      names.map((name) => input(call, name)),
      [y],
    );
    return y;
  };

function softmaxGradient(call: KernelCall): TensorInfo {
  const [y, dy] = [input(call, 'y'), input(call, 'dy')];
  const classes = y.shape.at(-1)!;
  const dx = call.backend.output(y.shape);
  call.backend.run('softmaxGradient', [classes === 0 ? 0 : sizeOf(y) / classes, classes], [y, dy], [dx]);
  return dx;
}

/** The kernels of src/training/kernels.ts. */
export const trainingKernels: KernelTable = {
  [NORM_BLOCK]: normBlock,
  [NORM_BLOCK_GRAD]: normBlockGradient,
  [OPTIMIZER_UPDATE]: optimizerUpdate,
  [SEEDED_DROPOUT]: dropout,
  [SOFTMAX_CROSS_ENTROPY]: crossEntropy,
  [SOFTMAX_CROSS_ENTROPY_GRAD]: crossEntropyGradient,
  [RELU_GRADIENT]: reluGradient,
  [LAYER_NORM]: layerNorm,
  [LAYER_NORM_GRAD]: layerNormGradient,
  [SMOOTH_ACTIVATION]: smoothActivation('activation', 'x'),
  [SMOOTH_ACTIVATION_GRAD]: smoothActivation('activationGradient', 'x', 'dy'),
  [SOFTMAX_GRAD]: softmaxGradient,
};
