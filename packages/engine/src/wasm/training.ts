import * as tf from '@tensorflow/tfjs-core';
// In Node, tfjs-core alone registers no gradient; tfjs-layers does, and must do so before they are overridden here.
import '@tensorflow/tfjs-layers';
import { SEEDED_DROPOUT } from '../training/kernels.ts';
import { overrideGradient, reluGradient, tileGradient } from '../gradient-override.ts';
import { registerWasmArrayKernels } from './array-kernels.ts';
import { BORROWED, borrowedKernel, unsortedSegmentSum } from './borrowed.ts';
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from './convolutions.ts';
import { batchNormGradient, meanGradient } from './gradients.ts';
import { kernelsOf } from './memory.ts';
import type { WasmBackend } from './memory.ts';
import * as passes from './passes.ts';
import { matMul } from './products.ts';
import { overrideWasmKernel, registerWasmKernel } from './registration.ts';

let installed = false;

/**
 * Makes the active TensorFlow.js wasm backend able to train: registers the training kernels it lacks and replaces the slow
 * ones by our own, compiled to WebAssembly SIMD, which work on the backend's own memory. Gradients of other backends are left
 * as they are. Call once, after `tf.setBackend('wasm')`; a second call does nothing. Throws if wasm is not active.
 */
export function installWasmTraining(): void {
  if (tf.getBackend() !== 'wasm')
    throw new Error(`installWasmTraining needs the wasm backend; '${tf.getBackend()}' is active.`);
  kernelsOf(tf.backend() as unknown as WasmBackend);
  if (installed) return;
  installed = true;
  installKernels();
  installGradients();
}

function installKernels(): void {
  overrideWasmKernel('Identity', passes.identity);
  overrideWasmKernel('Conv2D', conv2d);
  overrideWasmKernel('Conv2DBackpropInput', conv2dInputGradient);
  overrideWasmKernel('BatchMatMul', matMul);
  overrideWasmKernel('Sum', passes.sumLeading);
  overrideWasmKernel('Mean', passes.meanLeading);
  overrideWasmKernel('FusedBatchNorm', passes.batchNorm);
  registerWasmKernel('Conv2DBackpropFilter', conv2dFilterGradient);
  registerWasmKernel('MaxPoolGrad', passes.maxPoolGradient);
  registerWasmKernel('RepeatRow', passes.repeatRow);
  registerWasmKernel('ReluGradient', passes.reluGradient);
  registerWasmKernel('ColumnMoments', passes.columnMoments);
  registerWasmKernel('ColumnDots', passes.columnDots);
  registerWasmKernel('ScaleColumns', passes.scaleColumns);
  registerWasmKernel('BlendColumns', passes.blendColumns);
  registerWasmKernel(SEEDED_DROPOUT, passes.seededDropout);
  registerWasmKernel('UnsortedSegmentSum', unsortedSegmentSum);
  registerWasmArrayKernels();
  for (const name of BORROWED) registerWasmKernel(name, borrowedKernel(name));
}

function installGradients(): void {
  overrideGradient('wasm', 'Relu', reluGradient);
  overrideGradient('wasm', 'Tile', tileGradient);
  overrideGradient('wasm', 'FusedBatchNorm', (dy, saved, attrs) =>
    batchNormGradient(dy as tf.Tensor, saved, attrs['varianceEpsilon'] as number),
  );
  overrideGradient('wasm', 'Mean', (dy, saved, attrs) =>
    meanGradient(dy as tf.Tensor, saved, attrs['axis'] as number | number[]),
  );
}
