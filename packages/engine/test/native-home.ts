import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { addonFile, onednnFolder } from '../src/onednn/layout.ts';

/** ATELIER_HOME of this workspace, where set-up builds the native library. */
export const home = resolve(import.meta.dirname, '../../..', process.env['ATELIER_HOME'] || '.atelier');

/** Whether set-up built it: it needs a compiler. A build that does not load fails its tests, it does not skip them. */
export const hasNative = existsSync(addonFile(onednnFolder(home)));
