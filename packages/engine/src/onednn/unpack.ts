import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, symlink } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstThatAnswers, runProgramTo } from '../build/programs.ts';
import { downloadWheels } from '../build/wheels.ts';
import { EngineInstallError } from '../errors.ts';
import { libraryUnder, type OnednnLibrary } from './locate.ts';

const execute = promisify(execFile);

/** oneDNN 3.2 for OpenMP, the last that PyPI has for it. */
const WHEELS = {
  'onednn-devel-cpu-gomp==2023.2.0': '9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284',
  'onednn-cpu-gomp==2023.2.0': '2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb',
};

interface Unpacking {
  /** An empty folder to work in. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
}

/** Debian's packages that oneDNN needs: itself, and what it links to that may not be there. */
async function debianPackages(): Promise<string[]> {
  const { stdout } = await execute('apt-cache', ['depends', 'libdnnl-dev']);
  const library = /Depends:\s*(libdnnl\d[\w.+-]*)/.exec(stdout)?.[1];
  if (library === undefined)
    throw new EngineInstallError('oneDNN', 'Debian has no package libdnnl-dev for this system');
  return ['libdnnl-dev', library, 'ocl-icd-libopencl1'];
}

/** apt with lists of its own: without root, the system's may be empty and cannot be filled. */
async function ownLists({ scratch, signal }: Unpacking): Promise<string[]> {
  const state = join(scratch, 'apt');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(state, 'archives', 'partial'), { recursive: true });
  const options = [`Dir::State=${state}`, `Dir::Cache=${state}`, 'Debug::NoLocking=1'].flatMap((option) => [
    '-o',
    option,
  ]);
  await runProgramTo('Debian package lists', ['apt-get', ...options, 'update', '-qq'], scratch, signal);
  return options;
}

async function download(packages: readonly string[], unpacking: Unpacking): Promise<void> {
  const { scratch, signal } = unpacking;
  const get = (options: readonly string[]): Promise<void> =>
    runProgramTo('Debian packages', ['apt-get', ...options, 'download', '-qq', ...packages], scratch, signal);
  try {
    await get([]);
  } catch (error) {
    if (signal?.aborted) throw error;
    await get(await ownLists(unpacking));
  }
}

async function fromDebian(unpacking: Unpacking): Promise<string> {
  const { scratch, signal } = unpacking;
  await download(await debianPackages(), unpacking);
  const root = join(scratch, 'root');
  for (const file of (await readdir(scratch)).filter((name) => name.endsWith('.deb')))
    await runProgramTo(`unpacking ${file}`, ['dpkg-deb', '-x', file, root], scratch, signal);
  return join(root, 'usr');
}

async function fromPyPI({ scratch, signal }: Unpacking): Promise<string> {
  if (platform() !== 'linux' || arch() !== 'x64')
    throw new EngineInstallError('oneDNN', `PyPI has none for ${platform()} on ${arch()}`);
  const python = await firstThatAnswers(['python3', 'python'].map((name) => [name, '-m', 'pip']));
  if (!python) throw new EngineInstallError('oneDNN', 'no python3 with pip to get it from PyPI with');
  await downloadWheels('oneDNN from PyPI', { python: python.slice(0, 1), wheels: WHEELS, scratch, signal });
  const root = join(scratch, 'wheels');
  for (const file of (await readdir(scratch)).filter((name) => name.endsWith('.whl'))) {
    const unzip = [python[0]!, '-m', 'zipfile', '-e', file, root];
    await runProgramTo(`unpacking ${file}`, unzip, scratch, signal);
  }
  const prefix = join(root, 'usr');
  await mkdir(prefix, { recursive: true });
  for (const folder of (await readdir(root)).filter((name) => name.endsWith('.data'))) {
    for (const part of ['include', 'lib'].filter((name) => existsSync(join(root, folder, 'data', name))))
      if (!existsSync(join(prefix, part))) await rename(join(root, folder, 'data', part), join(prefix, part));
  }
  // wheels hold no links
  const lib = join(prefix, 'lib');
  const file = (await readdir(lib)).find((name) => /^libdnnl\.so\.\d+$/.test(name));
  if (file && !existsSync(join(lib, 'libdnnl.so'))) await symlink(file, join(lib, 'libdnnl.so'));
  return prefix;
}

export interface UnpackOptions {
  /** Where it is to lie: a folder that does not exist yet. */
  readonly target: string;
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets oneDNN without root, from Debian's packages or else PyPI's, into a folder of its own.
 * @throws EngineInstallError naming what both said.
 */
export async function unpackOnednn({ target, scratch, signal }: UnpackOptions): Promise<OnednnLibrary> {
  const reasons: string[] = [];
  for (const [name, get] of Object.entries({ Debian: fromDebian, PyPI: fromPyPI })) {
    const folder = join(scratch, name);
    await mkdir(folder, { recursive: true });
    try {
      await rename(await get({ scratch: folder, signal }), target);
      const found = libraryUnder(target, `${name}'s packages`);
      if (found) return found;
      reasons.push(`${name}: its packages lack libdnnl or its header`);
    } catch (error) {
      if (signal?.aborted) throw error;
      reasons.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new EngineInstallError(
    'oneDNN',
    `it is not installed and could not be had (Debian and Ubuntu: apt-get install libdnnl-dev). ${reasons.join('; ')}`,
  );
}
