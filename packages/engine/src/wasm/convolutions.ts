import * as tf from '@tensorflow/tfjs-core';
import { addressOf, kernelsOf, newTensor, zeroTensor } from './memory.ts';
import type { WasmBackend } from './memory.ts';
import { input } from './registration.ts';
import type { KernelCall } from './registration.ts';

type ConvInfo = tf.backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];

/** Sizes that the compiled kernels fix: rows and pixels per table, bytes of an output tile, columns per panel. */
const ROW_BLOCK = 64;
const DEPTH_BLOCK = 256;
const TILE_BYTES = 128;
const PANEL = 8;

/** Bytes of `depth` rows of `columns` packed into panels. */
export function panelBytes(depth: number, columns: number): number {
  return depth * Math.ceil(columns / PANEL) * PANEL * 4;
}

/** y = conv2d(x, filter), channels last, any stride, padding and dilation. */
export function conv2d(call: KernelCall): tf.TensorInfo | undefined {
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  const info = convInfo(call, x.shape, filter.shape);
  if (info.dataFormat !== 'channelsLast' || x.dtype !== 'float32' || filter.dtype !== 'float32')
    return undefined;
  const { inChannels, outChannels } = info;
  const strides = [inChannels * outChannels, outChannels, 1] as const;
  const source = { tensor: x, height: info.inHeight, width: info.inWidth, channels: inChannels };
  return convolve(call.backend, info, source, { tensor: filter, strides }, info.outShape, false);
}

/** The gradient of x: dy convolved with the filters, their channels exchanged. */
export function conv2dInputGradient(call: KernelCall): tf.TensorInfo | undefined {
  const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
  const info = convInfo(call, call.attrs['inputShape'] as number[], filter.shape);
  if (info.dataFormat !== 'channelsLast' || dy.dtype !== 'float32' || filter.dtype !== 'float32')
    return undefined;
  const { inChannels, outChannels } = info;
  const strides = [inChannels * outChannels, 1, outChannels] as const;
  const source = { tensor: dy, height: info.outHeight, width: info.outWidth, channels: outChannels };
  return convolve(call.backend, info, source, { tensor: filter, strides }, info.inShape, true);
}

/** The gradient of the filter: the sum over output pixels of the pixels it read (outer) dy. */
export function conv2dFilterGradient(call: KernelCall): tf.TensorInfo {
  const [x, dy] = [input(call, 'x'), input(call, 'dy')];
  const { backend } = call;
  const info = convInfo(call, x.shape, call.attrs['filterShape'] as number[]);
  if (info.dataFormat !== 'channelsLast')
    throw new Error('Conv2DBackpropFilter on wasm: only NHWC is supported.');
  const dw = zeroTensor(backend, info.filterShape);
  const taps = info.filterHeight * info.filterWidth;
  const [panels, packed, table, tile, zero] = kernelsOf(backend).scratch(
    panelBytes(DEPTH_BLOCK, info.outChannels),
    DEPTH_BLOCK * 16,
    taps * DEPTH_BLOCK * 4,
    TILE_BYTES,
    info.inChannels * 4,
  ) as [number, number, number, number, number];
  clear(backend, zero, info.inChannels);
  kernelsOf(backend).call['filterGradient']!(
    ...[
      addressOf(backend, x),
      addressOf(backend, dy),
      addressOf(backend, dw),
      zero,
      panels,
      packed,
      table,
      tile,
    ],
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.outHeight, info.outWidth, info.outChannels, ...geometry(info)],
  );
  return dw;
}

interface Source {
  readonly tensor: tf.TensorInfo;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

interface Filter {
  readonly tensor: tf.TensorInfo;
  /** Floats from one tap, source channel and target channel to the next. */
  readonly strides: readonly [number, number, number];
}

function convolve(
  backend: WasmBackend,
  info: ConvInfo,
  source: Source,
  filter: Filter,
  shape: readonly number[],
  backward: boolean,
): tf.TensorInfo {
  const [, height, width, columns] = shape as Shape4;
  const taps = info.filterHeight * info.filterWidth;
  const { call, scratch } = kernelsOf(backend);
  const out = newTensor(backend, shape);
  const depth = taps * source.channels;
  const [panels, packed, table, tile, zero] = scratch(
    panelBytes(depth, columns),
    ROW_BLOCK * depth * 4,
    taps * ROW_BLOCK * 4,
    TILE_BYTES,
    source.channels * 4,
  ) as [number, number, number, number, number];
  clear(backend, zero, source.channels);
  call['packPanels']!(
    addressOf(backend, filter.tensor),
    panels,
    taps,
    source.channels,
    columns,
    ...filter.strides,
  );
  call['convolve']!(
    ...[
      addressOf(backend, source.tensor),
      zero,
      panels,
      addressOf(backend, out),
      packed,
      table,
      tile,
      backward,
    ],
    ...[
      info.batchSize,
      source.height,
      source.width,
      source.channels,
      height,
      width,
      columns,
      ...geometry(info),
    ],
  );
  return out;
}

/** Filter size, strides, padding and dilation, in the order of the compiled kernels. */
function geometry(info: ConvInfo): number[] {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo, dilationHeight, dilationWidth } =
    info;
  return [
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padInfo.top,
    padInfo.left,
    dilationHeight,
    dilationWidth,
  ];
}

function clear(backend: WasmBackend, address: number, floats: number): void {
  new Float32Array(backend.wasm.asm.memory.buffer, address, floats).fill(0);
}

function convInfo(call: KernelCall, inputShape: readonly number[], filterShape: readonly number[]): ConvInfo {
  const { strides, pad, dimRoundingMode, dilations, dataFormat } = call.attrs as unknown as tf.Conv2DAttrs;
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC');
  const shapes = [inputShape, filterShape] as unknown as [Shape4, Shape4];
  return tf.backend_util.computeConv2DInfo(
    ...shapes,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    format,
  );
}
