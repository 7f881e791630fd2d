import * as tf from '@tensorflow/tfjs-core';
import type { EngineDefinition } from '../engine.ts';
import type { OnednnBackend } from '../onednn/backend.ts';
import { chooseBf16 } from '../onednn/bf16-check.ts';
import { installOnednnGradients } from '../onednn/gradients.ts';
import { BACKEND } from '../onednn/kernel.ts';
import { installOnednnLayers } from '../onednn/layers.ts';
import { loadOnednn } from '../onednn/load.ts';
import { registerOnednn } from '../onednn/register.ts';

/** Our own backend: a native library over oneDNN, with fused training kernels and captured steps. */
export const onednn: EngineDefinition = {
  backend: BACKEND,
  precisions: ['fp32', 'bf16'],
  speed: 'fastest: native fused kernels, captured steps, many threads',
  open: async ({ threads, precision }) => {
    const addon = loadOnednn();
    addon.setThreads(threads);
    registerOnednn(addon);
    installOnednnGradients();
    installOnednnLayers();
    const bf16 = chooseBf16(addon);
    const backend = tf.findBackend(BACKEND) as OnednnBackend;
    backend.products = precision === 'bf16' ? bf16.products : 'fp32';
    return { version: `oneDNN ${addon.version}`, threads, bf16: bf16.words };
  },
};
