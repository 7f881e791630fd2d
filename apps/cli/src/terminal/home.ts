import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the workspace this package stands in. */
export const WORKSPACE_ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * The folder for everything written at run time: `ATELIER_HOME`, or `.atelier` at the workspace root.
 * A relative `ATELIER_HOME` counts from the workspace root: the same home from every folder.
 */
export function atelierHome(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(WORKSPACE_ROOT, environment['ATELIER_HOME'] || '.atelier');
}

/** A path that a user typed, counted from the folder the program was started in. */
export function userPath(path: string): string {
  return resolve(path);
}
