import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A reason in words, for a program that could not do its part. */
export class DebianPackageError extends Error {
  readonly code = 'DEBIAN_PACKAGE';
}

async function hasProgram(name: string): Promise<boolean> {
  return execute(name, ['--version']).then(
    () => true,
    () => false,
  );
}

function lastLine(error: unknown): string {
  const { stderr = '', message = String(error) } = error as { stderr?: string; message?: string };
  return (stderr.trim().split('\n').at(-1) || message).replace(/^E: /, '');
}

async function download(name: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const options = { cwd: folder, ...(signal ? { signal } : {}) };
  try {
    await execute('apt-get', ['download', '--', name], options);
  } catch {
    // the system's package lists may be empty or stale, and only root may renew them: use lists of our own
    const own = [
      '-o',
      `Dir::State::Lists=${join(folder, 'lists')}`,
      '-o',
      `Dir::Cache=${join(folder, 'cache')}`,
    ];
    await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
    await mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true });
    await execute('apt-get', [...own, '-o', 'Debug::NoLocking=1', 'update'], options);
    await execute('apt-get', [...own, 'download', '--', name], options);
  }
}

/**
 * Fetches a Debian package and unpacks it into `folder`, without root and without installing it.
 * @param name checked: see `PackageName`
 * @throws DebianPackageError saying which part is not to be had.
 */
export async function unpackDebianPackage(name: string, folder: string, signal?: AbortSignal): Promise<void> {
  for (const program of ['apt-get', 'dpkg']) {
    if (!(await hasProgram(program))) {
      throw new DebianPackageError(`${program} was not found: this is no Debian or Ubuntu machine`);
    }
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await download(name, folder, signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new DebianPackageError(`apt-get download ${name} failed (${lastLine(cause)})`, { cause });
  }
  const archive = (await readdir(folder)).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new DebianPackageError(`apt-get download ${name} left no package`);
  try {
    await execute('dpkg', ['-x', `./${archive}`, '.'], { cwd: folder });
  } catch (cause) {
    throw new DebianPackageError(`dpkg could not unpack ${archive} (${lastLine(cause)})`, { cause });
  }
}
