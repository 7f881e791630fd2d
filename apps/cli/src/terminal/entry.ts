import { fileURLToPath } from 'node:url';

/** `node ENTRY <arguments>` is this program in a process of its own. */
export const ENTRY = fileURLToPath(new URL('../../bin/atelier.mjs', import.meta.url));
