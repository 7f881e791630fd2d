import { backend_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import { areFloat, input, type KernelCall, type KernelTable } from '../kernel.ts';
import { activated } from './matmul.ts';

type Info = backend_util.Conv2DInfo;

/** The numbers that native/ops/convolution.cc reads first. Undefined for channels first, which is rare: the cpu kernel's. */
function geometry(info: Info, depthwise: boolean): number[] | undefined {
  if (info.dataFormat !== 'channelsLast') return undefined;
  const { top, bottom, left, right } = info.padInfo;
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.filterHeight, info.filterWidth, info.outChannels, info.outHeight, info.outWidth],
    ...[info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth],
    ...[top, bottom, left, right, depthwise ? 1 : 0],
  ];
}

type Shape4D = [number, number, number, number];

function infoOf(
  call: KernelCall,
  images: readonly number[],
  filter: readonly number[],
  depthwise: boolean,
): Info {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = call.attrs;
  return backend_util.computeConv2DInfo(
    [...images] as Shape4D,
    [...filter] as Shape4D,
    strides as number | [number, number],
    (dilations ?? 1) as number | [number, number],
    pad as 'valid' | 'same' | number,
    dimRoundingMode as 'floor' | undefined,
    depthwise,
    backend_util.convertConv2DDataFormat(((depthwise ? undefined : dataFormat) ?? 'NHWC') as 'NHWC' | 'NCHW'),
  );
}

function resultShape({ batchSize, outHeight, outWidth, outChannels }: Info): number[] {
  return [batchSize, outHeight, outWidth, outChannels];
}

const forward =
  (depthwise: boolean) =>
  (call: KernelCall): TensorInfo | undefined => {
    const [x, filter] = [input(call, 'x'), input(call, 'filter')];
    const info = infoOf(call, x.shape, filter.shape, depthwise);
    const numbers = geometry(info, depthwise);
    if (!numbers || !areFloat(x, filter)) return undefined;
    const y = call.backend.activation(resultShape(info));
    call.backend.run('conv2d', [...numbers, 0], [x, filter, undefined], [y]);
    return y;
  };

/** Bias and ReLU within the convolution; any other activation as a kernel of its own behind it. */
const fused =
  (depthwise: boolean) =>
  (call: KernelCall): TensorInfo | undefined => {
    const [x, filter, bias] = [input(call, 'x'), input(call, 'filter'), call.inputs['bias']];
    const info = infoOf(call, x.shape, filter.shape, depthwise);
    const numbers = geometry(info, depthwise);
    const vector = !bias || (bias.shape.length <= 1 && bias.shape[0] === info.outChannels);
    if (!numbers || !vector || !areFloat(x, filter, bias)) return undefined;
    const y = call.backend.activation(resultShape(info));
    const relu = call.attrs['activation'] === 'relu' ? 1 : 0;
    call.backend.run('conv2d', [...numbers, relu], [x, filter, bias], [y]);
    return activated(call, y);
  };

/** TensorFlow.js lets a gradient be larger than the convolution's result, and the cpu kernel reads its first rows. */
function isResult(dy: TensorInfo, info: Info): boolean {
  return util.arraysEqual(dy.shape, resultShape(info));
}

const inputGradient =
  (depthwise: boolean) =>
  (call: KernelCall): TensorInfo | undefined => {
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const shape = call.attrs['inputShape'] as number[];
    const info = infoOf(call, shape, filter.shape, depthwise);
    const numbers = geometry(info, depthwise);
    if (!numbers || !isResult(dy, info) || !areFloat(dy, filter)) return undefined;
    const dx = call.backend.activation(shape);
    call.backend.run('conv2dInputGradient', numbers, [dy, filter], [dx]);
    return dx;
  };

const filterGradient =
  (depthwise: boolean) =>
  (call: KernelCall): TensorInfo | undefined => {
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const shape = call.attrs['filterShape'] as number[];
    const info = infoOf(call, x.shape, shape, depthwise);
    const numbers = geometry(info, depthwise);
    if (!numbers || !isResult(dy, info) || !areFloat(x, dy)) return undefined;
    const dw = call.backend.output(shape);
    call.backend.run('conv2dFilterGradient', numbers, [x, dy], [dw]);
    return dw;
  };

export const convolutionKernels: KernelTable = {
  Conv2D: forward(false),
  FusedConv2D: fused(false),
  Conv2DBackpropInput: inputGradient(false),
  Conv2DBackpropFilter: filterGradient(false),
  DepthwiseConv2dNative: forward(true),
  FusedDepthwiseConv2D: fused(true),
  DepthwiseConv2dNativeBackpropInput: inputGradient(true),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(true),
};
