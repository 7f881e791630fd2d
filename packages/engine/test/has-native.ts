import { existsSync } from 'node:fs';
import { addonFile } from '../src/onednn/layout.ts';

/** Whether set-up built the library: it needs a compiler. A build that does not load fails its tests, it does not skip them. */
export const hasNative = existsSync(addonFile());
