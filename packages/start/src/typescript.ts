import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** `node STARTER <file.ts> …` starts a TypeScript file of this workspace in a process of its own, in a fraction of tsx's time. */
export const STARTER = fileURLToPath(new URL('./start.mjs', import.meta.url));

/** What node needs to import TypeScript that is in no bundle: a user's own module. Nothing where it reads TypeScript itself. */
export function typescriptFlags(): string[] {
  if ('typescript' in process.features && process.features.typescript) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}
