import { readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type DatasetDescriptor, fileNames } from './descriptor.ts';
import { DataFormatError } from './errors.ts';

/** A file as it lies on disk. */
export interface StoredFile {
  readonly name: string;
  readonly path: string;
  /** The bytes on disk, gzipped or not. */
  readonly bytes: Uint8Array;
}

/** Refuses links that lead out of `root` and what is no file: a descriptor's names are somebody else's words. */
async function readWithin(root: string, path: string): Promise<Uint8Array> {
  const real = await realpath(path);
  if (/^\.\.([/\\]|$)/.test(relative(root, real)))
    throw new DataFormatError(path, `a link to ${real}, outside its folder; name that folder with --from`);
  if (!(await stat(real)).isFile()) throw new DataFormatError(path, 'no regular file');
  return readFile(real);
}

async function readStored(folder: string, root: string, name: string): Promise<StoredFile | undefined> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
    try {
      return { name, path, bytes: await readWithin(root, path) };
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return undefined;
}

/**
 * The dataset's files in a folder, each as `<name>` or `<name>.gz`, and the names that are not there.
 * @param within what links may not leave; the folder itself where it is not given
 * @throws DataFormatError for a link that leaves it, or something that is no file
 */
export async function findFiles(
  descriptor: DatasetDescriptor,
  folder: string,
  within = folder,
): Promise<{ files: StoredFile[]; missing: string[] }> {
  const names = fileNames(descriptor);
  const root = await realpath(within).catch(() => within);
  const found = await Promise.all(names.map((name) => readStored(folder, root, name)));
  return {
    files: found.filter((file) => file !== undefined),
    missing: names.filter((_, i) => found[i] === undefined),
  };
}
