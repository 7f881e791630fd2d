import { fileURLToPath } from 'node:url';

/** The folder of the built page. */
export const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));
