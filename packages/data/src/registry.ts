import { namesNear } from '@atelier/base';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatasetDescriptor } from './descriptor.ts';
import { DescriptorError, UnknownDatasetError } from './errors.ts';
import { FASHION_MNIST } from './fashion-mnist.ts';

/** The datasets that need no descriptor file. */
export const DATASETS = { 'fashion-mnist': FASHION_MNIST } as const satisfies Record<
  string,
  DatasetDescriptor
>;

export function datasetFolder(home: string, name: string): string {
  return join(home, 'datasets', name);
}

/** Kept beside the files, so that a fetched dataset is known by its name. */
export const DESCRIPTOR_FILE = 'descriptor.json';

/**
 * The descriptor in a file. A built-in name is refused: its files would be replaced by others.
 * @param folder what it must be called, where it lies in ATELIER_HOME
 */
async function readDescriptor(path: string, folder?: string): Promise<DatasetDescriptor> {
  let json: unknown;
  try {
    // some editors begin with a byte-order mark
    json = JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new DescriptorError(
      path,
      missing ? 'no such file' : `no readable JSON: ${(cause as Error).message}`,
      cause,
    );
  }
  const parsed = DatasetDescriptor.safeParse(json);
  if (parsed.success) {
    const { name } = parsed.data;
    if (!isBuiltIn(name) && name === (folder ?? name)) return parsed.data;
    if (!isBuiltIn(name))
      throw new DescriptorError(path, `name: "${name}", but it lies in the folder of "${folder}"`);
    throw new DescriptorError(path, `name: "${name}" is a built-in dataset; choose another name`);
  }
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new DescriptorError(path, `not a dataset descriptor: ${problems.join('; ')}`, parsed.error);
}

async function fetchedNames(home: string): Promise<string[]> {
  const entries = await readdir(join(home, 'datasets'), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

function isBuiltIn(name: string): name is keyof typeof DATASETS {
  return Object.hasOwn(DATASETS, name);
}

/**
 * The descriptor for a dataset's name, or for the path of a descriptor file.
 * @throws UnknownDatasetError with the nearest name; DescriptorError for a file that does not fit.
 */
export async function resolveDescriptor(nameOrPath: string, home: string): Promise<DatasetDescriptor> {
  if (isBuiltIn(nameOrPath)) return DATASETS[nameOrPath];
  if (nameOrPath.endsWith('.json')) return readDescriptor(resolve(nameOrPath));
  const fetched = await fetchedNames(home);
  if (fetched.includes(nameOrPath))
    return readDescriptor(join(datasetFolder(home, nameOrPath), DESCRIPTOR_FILE), nameOrPath);
  const known = [...new Set([...Object.keys(DATASETS), ...fetched])];
  throw new UnknownDatasetError(nameOrPath, known, namesNear(nameOrPath, known, 1)[0]);
}
