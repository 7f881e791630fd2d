import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Dataset, decodeDataset } from './dataset.ts';
import { unpackDebianPackage } from './debian.ts';
import { type DatasetDescriptor, fileNames } from './descriptor.ts';
import { downloadFiles } from './download.ts';
import { DataUnavailableError, FilesMissingError, type FailedSource } from './errors.ts';
import { findFiles } from './files.ts';
import { DATASETS, DESCRIPTOR_FILE, datasetFolder, resolveDescriptor } from './registry.ts';

export type FetchEvent =
  | { readonly type: 'trying'; readonly source: string }
  | { readonly type: 'failed'; readonly source: string; readonly reason: string };

export interface FetchOptions {
  readonly home: string;
  /** A folder that has the files: then it is the only source, and what is wrong with it is an error. */
  readonly from?: string;
  /** Skips the sources that need a network. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: FetchEvent) => void;
}

export interface FetchReport {
  readonly dataset: Dataset;
  /** Where the files came from, in words. */
  readonly source: string;
  /** Where they are now. */
  readonly folder: string;
  /** False when they had been there already. */
  readonly fetched: boolean;
}

/** A place that may have the files. `find` gives the folder to read, or throws with the reason. */
interface Source {
  readonly name: string;
  find(scratch: string): Promise<string>;
}

/** Codes of errors that say the files are there, and wrong. */
const WRONG_FILES = ['DATA_FORMAT', 'DATA_CHECKSUM', 'DATA_SPLIT'];
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

function folderSource(name: string, folder: string): Source {
  return { name, find: async () => folder };
}

function sourcesOf(descriptor: DatasetDescriptor, nameOrPath: string, options: FetchOptions): Source[] {
  const { urls, debianPackage } = descriptor.sources;
  const sources: Source[] = [];
  if (nameOrPath.endsWith('.json')) {
    sources.push(folderSource('the folder of the descriptor', dirname(resolve(nameOrPath))));
  }
  if (!options.offline) {
    for (const url of urls) {
      sources.push({
        name: `download from ${new URL(url).host}`,
        async find(scratch) {
          await downloadFiles(url, fileNames(descriptor), scratch, options.signal);
          return scratch;
        },
      });
    }
  }
  if (debianPackage !== undefined) {
    sources.push(folderSource(`Debian package ${debianPackage.name}, installed`, debianPackage.folder));
    if (!options.offline) {
      sources.push({
        name: `Debian package ${debianPackage.name}, downloaded`,
        async find(scratch) {
          await unpackDebianPackage(debianPackage.name, scratch, options.signal);
          return join(scratch, debianPackage.folder);
        },
      });
    }
  }
  return sources;
}

/** Reads and checks a folder; a missing file is an error that names it. */
async function readFolder(descriptor: DatasetDescriptor, folder: string, within = folder) {
  const { files, missing } = await findFiles(descriptor, folder, within);
  if (missing.length > 0) {
    const there = await readdir(folder).catch(() => undefined);
    const other = there?.includes(DESCRIPTOR_FILE) && descriptor === DATASETS['fashion-mnist'];
    throw new FilesMissingError(folder, there && missing, other ? join(folder, DESCRIPTOR_FILE) : undefined);
  }
  return { files, dataset: await decodeDataset(descriptor, files) };
}

/** Writes the checked files beside their final place, then moves the folder there: it is whole or not there. */
async function install(
  descriptor: DatasetDescriptor,
  files: readonly { path: string; name: string; bytes: Uint8Array }[],
  staging: string,
  target: string,
): Promise<void> {
  await mkdir(staging, { recursive: true, mode: 0o700 });
  for (const { name, path, bytes } of files) {
    await writeFile(join(staging, path.endsWith('.gz') ? `${name}.gz` : name), bytes);
  }
  await writeFile(join(staging, DESCRIPTOR_FILE), `${JSON.stringify(descriptor, null, 2)}\n`);
  await replaceFolder(staging, target, join(dirname(staging), 'replaced'));
}

/** Another fetch may put its own there meanwhile: then it gives way to ours. */
async function replaceFolder(from: string, to: string, aside: string, attempts = 5): Promise<void> {
  await rm(aside, { recursive: true, force: true });
  await rename(to, aside).catch(() => {});
  try {
    await rename(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (attempts <= 1 || !['ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
    await replaceFolder(from, to, aside, attempts - 1);
  }
}

/** Folders that an earlier fetch left when its process was killed. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('.fetch-')) continue;
    const path = join(parent, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

/**
 * Puts the files of a dataset into `<home>/datasets/<name>/`, checked, from the first source that has them: there
 * already; the folder named; the official download; Debian's package, installed or downloaded without root.
 * @throws DataUnavailableError listing every source and its reason; with `from`, what is wrong with that folder.
 */
export async function fetchDataset(nameOrPath: string, options: FetchOptions): Promise<FetchReport> {
  const { home, from, signal, onEvent } = options;
  const descriptor = await resolveDescriptor(nameOrPath, home);
  const folder = datasetFolder(home, descriptor.name);
  const attempts: FailedSource[] = [];
  const failed = (source: string, error: unknown): void => {
    const reason = (error as Error).message;
    attempts.push({
      source,
      reason,
      hasFiles: WRONG_FILES.includes((error as { code?: string }).code ?? ''),
    });
    onEvent?.({ type: 'failed', source, reason });
  };

  if (from === undefined) {
    try {
      const { dataset } = await readFolder(descriptor, folder);
      return { dataset, source: 'ATELIER_HOME', folder, fetched: false };
    } catch (error) {
      failed('ATELIER_HOME', error);
    }
  }
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await removeStale(parent);
  const scratch = await mkdtemp(join(parent, '.fetch-'));
  try {
    const sources =
      from === undefined ? sourcesOf(descriptor, nameOrPath, options) : [folderSource(from, from)];
    for (const [i, source] of sources.entries()) {
      signal?.throwIfAborted();
      onEvent?.({ type: 'trying', source: source.name });
      try {
        const own = join(scratch, `source-${i}`);
        const found = await source.find(own);
        // what was unpacked may link from folder to folder, but not out
        const { files, dataset } = await readFolder(descriptor, found, found.startsWith(own) ? own : found);
        signal?.throwIfAborted();
        await install(descriptor, files, join(scratch, 'staging'), folder);
        return { dataset, source: source.name, folder, fetched: true };
      } catch (error) {
        signal?.throwIfAborted();
        if (from !== undefined || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
        failed(source.name, error);
      }
    }
    throw new DataUnavailableError(nameOrPath, fileNames(descriptor), attempts);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
