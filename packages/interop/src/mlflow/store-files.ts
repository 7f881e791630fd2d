import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImportRunError } from '@atelier/tracker';

/** Files and folders of a store that somebody else made: links are not followed, and only ordinary files are read. */

/** Bytes of a parameter, a tag or a record; MLflow itself takes a few thousand. */
export const LONGEST_TEXT = 4_000_000;
/** Bytes of a meta.yaml. */
export const LONGEST_META = 400_000;
/** Bytes of one metric's history: about ten million values. */
export const LONGEST_HISTORY = 400_000_000;
/** Files of one run: more are a machine's, not a run's. */
const MOST_FILES = 100_000;

export function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

export function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** @throws ImportRunError for a link, a device, a pipe, or a file of more bytes. */
export function readStoreFile(file: string, mostBytes: number): Buffer {
  // not blocking: opening a pipe would wait for its writer for ever
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new ImportRunError(`${file} is no ordinary file`);
    if (found.size > mostBytes)
      throw new ImportRunError(`${file} has ${found.size} bytes: at most ${mostBytes} are read`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export interface StoreFile {
  /** With slashes, below the folder. */
  readonly path: string;
  readonly file: string;
}

/** Ordinary files below a folder in the order of their names. @throws ImportRunError where they are too many. */
export function* filesBelow(folder: string): Generator<StoreFile> {
  let left = MOST_FILES;
  function* below(at: string, prefix: string): Generator<StoreFile> {
    const entries = readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (left-- === 0) throw new ImportRunError(`${folder} holds more than ${MOST_FILES} files`);
      const [file, path] = [join(at, entry.name), prefix + entry.name];
      if (entry.isDirectory()) yield* below(file, `${path}/`);
      else if (entry.isFile()) yield { path, file };
    }
  }
  if (isFolder(folder)) yield* below(folder, '');
}
