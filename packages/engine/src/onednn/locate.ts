import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** oneDNN on this machine. */
export interface OnednnLibrary {
  readonly include: string;
  /** Folder of libdnnl. */
  readonly lib: string;
  /** How it was found, for people. */
  readonly source: string;
}

/** Folders of libraries under a prefix; Debian's lie in one per architecture. */
function libraryFolders(prefix: string): string[] {
  const lib = join(prefix, 'lib');
  const triplets = existsSync(lib)
    ? readdirSync(lib).filter((name) => /-(linux|kfreebsd)-gnu/.test(name))
    : [];
  return [...triplets.map((name) => join(lib, name)), join(prefix, 'lib64'), lib];
}

/** oneDNN under a prefix such as /usr, where both its header and its library are there. */
export function libraryUnder(prefix: string, source: string): OnednnLibrary | undefined {
  const include = join(prefix, 'include');
  if (!existsSync(join(include, 'oneapi', 'dnnl', 'dnnl.hpp'))) return undefined;
  const lib = libraryFolders(prefix).find((folder) =>
    ['libdnnl.so', 'libdnnl.dylib'].some((file) => existsSync(join(folder, file))),
  );
  return lib === undefined ? undefined : { include, lib, source };
}

async function fromPkgConfig(): Promise<OnednnLibrary | undefined> {
  for (const name of ['dnnl', 'onednn']) {
    try {
      const { stdout } = await execute('pkg-config', ['--variable=prefix', name]);
      const found = libraryUnder(stdout.trim(), `pkg-config ${name}`);
      if (found) return found;
    } catch {
      // no pkg-config, or it does not know it
    }
  }
  return undefined;
}

/** The prefixes that CMake would search for dnnl-config.cmake. */
function prefixes(cmakePrefixPath: string): string[] {
  const usual = ['/usr/local', '/usr', '/opt/homebrew', '/opt/local', '/opt/intel/oneapi/dnnl/latest'];
  return [...cmakePrefixPath.split(':').filter(Boolean), ...usual];
}

export interface LocateOptions {
  /** ONEDNN_ROOT: the prefix to use, and no other. */
  readonly root?: string | undefined;
  /** CMAKE_PREFIX_PATH. */
  readonly cmakePrefixPath?: string | undefined;
}

/** oneDNN where it is installed on this machine; undefined where it is not. */
export async function locateOnednn(options: LocateOptions): Promise<OnednnLibrary | undefined> {
  if (options.root !== undefined) return libraryUnder(options.root, 'ONEDNN_ROOT');
  const known = await fromPkgConfig();
  if (known) return known;
  for (const prefix of prefixes(options.cmakePrefixPath ?? '')) {
    const found = libraryUnder(prefix, prefix);
    if (found) return found;
  }
  return undefined;
}
