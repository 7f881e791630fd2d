import { backend_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import { areFloat, input, sizeOf, type KernelCall, type KernelTable, type NativeKernel } from '../kernel.ts';

type PoolInfo = backend_util.Conv2DInfo;

function poolInfo(call: KernelCall, x: TensorInfo): PoolInfo {
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as {
    filterSize: number | [number, number];
    strides: number | [number, number];
    pad: 'valid' | 'same' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const shape = x.shape as [number, number, number, number];
  return backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/** The numbers of native/ops/pool.cc. */
function poolNumbers(info: PoolInfo): number[] {
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth],
    ...[info.padInfo.top, info.padInfo.left, info.outHeight, info.outWidth],
  ];
}

const pool =
  (operation: string, name: string): NativeKernel =>
  (call): TensorInfo | undefined => {
    const x = input(call, 'x');
    if (!areFloat(x)) return undefined;
    const { strides } = call.attrs as { strides: number | [number, number] };
    util.assert(
      backend_util.eitherStridesOrDilationsAreOne(strides, 1),
      () =>
        `Error in ${name}: Either strides or dilations must be 1. Got strides ${strides} and dilations '1'`,
    );
    const info = poolInfo(call, x);
    const single = info.filterHeight === 1 && info.filterWidth === 1;
    if (single && util.arraysEqual(info.inShape, info.outShape)) return call.backend.alias(x, x.shape);
    const y = call.backend.output(info.outShape);
    call.backend.run(operation, poolNumbers(info), [x], [y]);
    return y;
  };

const poolGradient =
  (operation: string): NativeKernel =>
  (call): TensorInfo | undefined => {
    const [dy, x] = [input(call, 'dy'), input(call, 'input')];
    const info = poolInfo(call, x);
    if (!areFloat(dy, x) || !util.arraysEqual(dy.shape, info.outShape)) return undefined;
    const dx = call.backend.output(x.shape);
    call.backend.run(operation, poolNumbers(info), [dy, x], [dx]);
    return dx;
  };

interface ResizeAttrs {
  readonly alignCorners?: boolean;
  readonly halfPixelCenters?: boolean;
  readonly size: [number, number];
}

/** The numbers of native/ops/resize.cc. */
function resizeNumbers(images: TensorInfo, size: readonly number[], attrs: ResizeAttrs): number[] {
  return [...images.shape, ...size, attrs.alignCorners ? 1 : 0, attrs.halfPixelCenters ? 1 : 0];
}

const resize =
  (operation: string): NativeKernel =>
  (call): TensorInfo | undefined => {
    const images = input(call, 'images');
    if (!areFloat(images) || sizeOf(images) === 0) return undefined;
    const attrs = call.attrs as ResizeAttrs;
    const [batch, , , channels] = images.shape as [number, number, number, number];
    const y = call.backend.output([batch, ...attrs.size, channels]);
    call.backend.run(operation, resizeNumbers(images, attrs.size, attrs), [images], [y]);
    return y;
  };

/**
 * With the centres of pixels as the forward pass has them. The cpu kernels take corners always, and the nearest one mixes
 * up images of a batch.
 */
const resizeGradient =
  (operation: string): NativeKernel =>
  (call): TensorInfo | undefined => {
    const [images, dy] = [input(call, 'images'), input(call, 'dy')];
    if (!areFloat(images, dy) || sizeOf(images) === 0) return undefined;
    const dx = call.backend.output(images.shape);
    const attrs = call.attrs as ResizeAttrs;
    call.backend.run(operation, resizeNumbers(images, dy.shape.slice(1, 3), attrs), [dy], [dx]);
    return dx;
  };

/** Statistics per channel; of any other shape the cpu kernel does them. */
function batchNorm(call: KernelCall): TensorInfo | undefined {
  const [x, mean, variance] = [input(call, 'x'), input(call, 'mean'), input(call, 'variance')];
  const [scale, offset] = [call.inputs['scale'], call.inputs['offset']];
  const channels = x.shape.at(-1) ?? 1;
  const vectors = [mean, variance, scale, offset].filter((vector) => vector !== undefined && vector !== null);
  const perChannel = vectors.every(({ shape }) => util.arraysEqual(shape, [channels]));
  if (!perChannel || !areFloat(x, ...vectors)) return undefined;
  const y = call.backend.output(x.shape);
  const epsilon = (call.attrs['varianceEpsilon'] as number | null | undefined) ?? 0.001;
  const numbers = [channels === 0 ? 0 : sizeOf(x) / channels, channels, epsilon];
  call.backend.run('batchNorm', numbers, [x, mean, variance, scale, offset], [y]);
  return y;
}

/** Pooling, resizing and normalization of images: native/ops/{pool,resize,batch-norm}.cc. */
export const imageKernels: KernelTable = {
  MaxPool: pool('maxPool', 'maxPool'),
  MaxPoolGrad: poolGradient('maxPoolGradient'),
  AvgPool: pool('avgPool', 'avgPool'),
  AvgPoolGrad: poolGradient('avgPoolGradient'),
  ResizeBilinear: resize('resizeBilinear'),
  ResizeBilinearGrad: resizeGradient('resizeBilinearGradient'),
  ResizeNearestNeighbor: resize('resizeNearest'),
  ResizeNearestNeighborGrad: resizeGradient('resizeNearestGradient'),
  FusedBatchNorm: batchNorm,
};
