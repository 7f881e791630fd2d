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

/** Loads the native library. @throws EngineUnavailableError with the reason and what to do. */
export function loadOnednn(): Addon {
  const distrust = distrustOfCache();
  if (distrust)
    throw unavailable(distrust, 'remove it, or name a folder of your own by XDG_CACHE_HOME; then ' + BUILD);
  const file = addonFile();
  if (!existsSync(file)) throw unavailable('its native library is not built for these sources and this CPU');
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
