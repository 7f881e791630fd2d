import type { EngineDefinition } from '../engine.ts';
import { loadOnednn } from '../onednn/load.ts';
import { registerOnednn } from '../onednn/register.ts';

/** Our own backend: a native library over oneDNN, with fused training kernels and captured steps. */
export const onednn: EngineDefinition = {
  backend: 'onednn',
  speed: 'fastest: native fused kernels, captured steps, many threads',
  open: async ({ home, threads }) => {
    const addon = loadOnednn(home);
    addon.setThreads(threads);
    registerOnednn(addon);
    return { version: `oneDNN ${addon.version}`, threads };
  },
};
