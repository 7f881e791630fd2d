import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

// Plain JavaScript with Node's own modules only: set-up runs it before anything is installed.

/**
 * Folder of the programs that were built on this machine for this user. Not in ATELIER_HOME: a home is data, can be
 * anybody's and must be as safe to open as a picture. Not in the checkout: others of the same sources share the builds.
 */
export function nativeCache(environment = process.env) {
  const base = environment.XDG_CACHE_HOME;
  // a relative path is to be ignored, says the XDG base directory specification
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'atelier');
}

/**
 * Why nothing in the cache should run: somebody else could have put it there. Undefined where nobody else could.
 * @returns {string | undefined}
 */
export function distrustOfCache(folder = nativeCache()) {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (!status.isDirectory()) return `${folder} is not a folder`;
  const self = process.getuid?.();
  if (self === undefined) return undefined;
  if (status.uid !== self && status.uid !== 0) return `${folder} belongs to another user (${status.uid})`;
  if ((status.mode & 0o022) !== 0)
    return `others may write to ${folder} (mode ${(status.mode & 0o777).toString(8)})`;
  return undefined;
}

/**
 * The folder, made for its owner alone where it is not there.
 * @throws Error where somebody else could have put something there
 */
export function ownNativeCache() {
  const folder = nativeCache();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const distrust = distrustOfCache(folder);
  if (distrust !== undefined)
    throw new Error(`${distrust}: remove it, or name a folder of your own by XDG_CACHE_HOME`);
  return folder;
}
