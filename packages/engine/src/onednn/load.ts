import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EngineUnavailableError } from '../errors.ts';
import type { Addon } from './addon.ts';
import {
  addonFile,
  cpuAbilities,
  onednnFolder,
  recordFile,
  sourcesDigest,
  type BuildRecord,
} from './layout.ts';

const BUILD = 'build it: npx nx run engine:install-onednn';

function unavailable(reason: string, remedy = BUILD, cause?: unknown): EngineUnavailableError {
  return new EngineUnavailableError('onednn', reason, remedy, cause === undefined ? undefined : { cause });
}

/** Why a build should not be loaded; undefined where it should. */
function staleness(folder: string): string | undefined {
  const record = JSON.parse(readFileSync(recordFile(folder), 'utf8')) as BuildRecord;
  if (record.sources !== sourcesDigest()) return 'its native library was built from other sources than these';
  if (record.cpu !== cpuAbilities()) return 'its native library was built for another CPU';
  return undefined;
}

/** Loads the native library. @throws EngineUnavailableError with the reason and what to do. */
export function loadOnednn(home: string): Addon {
  const folder = onednnFolder(home);
  if (!existsSync(addonFile(folder))) throw unavailable('its native library is not built');
  let stale: string | undefined;
  try {
    stale = staleness(folder);
  } catch (cause) {
    throw unavailable('its build.json is missing or broken', BUILD, cause);
  }
  if (stale) throw unavailable(stale);
  try {
    return createRequire(import.meta.url)(addonFile(folder)) as Addon;
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!;
    throw unavailable(
      `its native library does not load: ${reason}`,
      `build it again: npx nx run engine:install-onednn --force`,
      cause,
    );
  }
}
