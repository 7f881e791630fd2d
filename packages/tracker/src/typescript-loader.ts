import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { resolve } = createRequire(import.meta.url);

function needed(): boolean {
  return !('typescript' in process.features && process.features.typescript);
}

/** What `node --import` needs to run our sources in another process; undefined where Node reads TypeScript itself. */
export function typescriptLoader(): string | undefined {
  return needed() ? pathToFileURL(resolve('tsx')).href : undefined;
}

/** The module whose `register()` lets a worker thread run our sources; undefined where Node reads TypeScript itself. */
export function typescriptRegistration(): string | undefined {
  return needed() ? import.meta.resolve('tsx/esm/api') : undefined;
}
