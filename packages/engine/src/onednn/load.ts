import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { distrustOfCache } from '../../scripts/native-cache.mjs';
import { EngineUnavailableError } from '../errors.ts';
import type { Addon } from './addon.ts';
import { addonFile } from './layout.ts';

const BUILD = 'build it: npx nx run engine:install-onednn';

function unavailable(reason: string, remedy = BUILD, cause?: unknown): EngineUnavailableError {
  return new EngineUnavailableError('onednn', reason, remedy, cause === undefined ? undefined : { cause });
}

/**
 * How long a thread that waits for the others looks before it sleeps: OpenMP's libraries read this when they are loaded, and
 * by themselves look for milliseconds (GCC's) or 200 (LLVM's), time that another program needs on a busy machine.
 */
function setWaiting(): void {
  if (process.env['OMP_WAIT_POLICY'] !== undefined) return;
  // looks, some 0.2 ms: longer than most waits within a step
  process.env['GOMP_SPINCOUNT'] ??= '10000';
  // milliseconds
  process.env['KMP_BLOCKTIME'] ??= '1';
}

/** Loads the native library. @throws EngineUnavailableError with the reason and what to do. */
export function loadOnednn(): Addon {
  const distrust = distrustOfCache();
  if (distrust)
    throw unavailable(distrust, 'remove it, or name a folder of your own by XDG_CACHE_HOME; then ' + BUILD);
  const file = addonFile();
  if (!existsSync(file)) throw unavailable('its native library is not built for these sources and this CPU');
  setWaiting();
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!;
    if (reason.includes('another thread'))
      throw unavailable(reason, 'use it from that thread, or from a process of its own', cause);
    throw unavailable(
      `its native library does not load: ${reason}`,
      `build it again: npx nx run engine:install-onednn --force`,
      cause,
    );
  }
}
