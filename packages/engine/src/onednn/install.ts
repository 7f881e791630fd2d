import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ownNativeCache } from '../../scripts/native-cache.mjs';
import { firstThatAnswers, runProgramTo } from '../build/programs.ts';
import { EngineInstallError } from '../errors.ts';
import { addonFile, libraryFolder, onednnFolder, SOURCES, sourceFiles } from './layout.ts';
import { libraryUnder, locateOnednn, type LocateOptions, type OnednnLibrary } from './locate.ts';
import { unpackOnednn } from './unpack.ts';

export interface OnednnInstallOptions extends LocateOptions {
  /** CXX: the compiler to use, with its flags. */
  readonly compiler?: string | undefined;
  /** With AddressSanitizer and UndefinedBehaviorSanitizer, for tests. */
  readonly sanitize?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (message: string) => void;
}

/** The checks make the code large: compiling it at -O3 takes minutes. */
const SANITIZERS = [
  '-O1',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=undefined',
  '-DATELIER_SANITIZE',
  '-g',
];

/** Arithmetic stays IEEE's but for errno and traps, which nobody reads. */
const FLAGS = [
  ...[
    '-std=c++17',
    '-O3',
    '-fopenmp',
    '-fPIC',
    '-fvisibility=hidden',
    '-fno-math-errno',
    '-fno-trapping-math',
  ],
  ...['-DNAPI_VERSION=8', '-DNAPI_CPP_EXCEPTIONS'],
];

/** -march=native where the compiler knows it for this CPU. */
function machineFlag(): string {
  return process.arch === 'arm64' ? '-mcpu=native' : '-march=native';
}

function headerFolders(): string[] {
  const require = createRequire(import.meta.url);
  const packages = { 'node-addon-api': '.', 'node-api-headers': 'include' };
  return Object.entries(packages).map(([name, folder]) =>
    join(dirname(require.resolve(`${name}/package.json`)), folder),
  );
}

async function findCompiler(wanted: string | undefined): Promise<readonly string[]> {
  const candidates = wanted ? [wanted.split(' ')] : [['g++'], ['clang++'], ['c++']];
  const found = await firstThatAnswers(candidates);
  if (found) return found;
  const reason = wanted ? `CXX is "${wanted}", which does not start` : 'none was found';
  throw new EngineInstallError('C++ compiler', `${reason} (Debian and Ubuntu: apt-get install g++)`);
}

interface Build {
  readonly compiler: readonly string[];
  readonly library: OnednnLibrary;
  readonly scratch: string;
  readonly target: string;
  readonly sanitize: boolean;
  readonly signal?: AbortSignal | undefined;
}

async function compileAll(build: Build): Promise<string[]> {
  const { compiler, library, scratch, signal } = build;
  const queue = sourceFiles().filter((name) => name.endsWith('.cc'));
  const objects = queue.map((name) => join(scratch, `${basename(name, '.cc')}.o`));
  const flags = [...FLAGS, machineFlag(), ...(build.sanitize ? SANITIZERS : [])];
  const includes = [library.include, ...headerFolders()].map((folder) => `-I${folder}`);
  const worker = async (): Promise<void> => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const output = ['-c', join(SOURCES, name), '-o', join(scratch, `${basename(name, '.cc')}.o`)];
      await runProgramTo(
        `compiling ${name}`,
        [...compiler, ...flags, ...includes, ...output],
        scratch,
        signal,
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return objects;
}

async function linkAll(build: Build, objects: readonly string[]): Promise<void> {
  const { compiler, library, scratch, target, signal } = build;
  const mac = process.platform === 'darwin';
  const link = [
    ...[...compiler, '-shared', '-fopenmp', '-o', addonFile(target), ...objects],
    ...(build.sanitize ? SANITIZERS : []),
    ...(mac ? ['-undefined', 'dynamic_lookup'] : []),
    ...[`-L${library.lib}`, '-ldnnl'],
    // also for what libdnnl itself needs, which lies beside it
    ...(mac ? [] : ['-Wl,--disable-new-dtags', `-Wl,-rpath-link,${library.lib}`]),
    `-Wl,-rpath,${library.lib}`,
  ];
  await runProgramTo('linking', link, scratch, signal);
}

/** Loads the library in a process of its own, so that a broken one is a message and not a crash. */
async function versionOf(file: string, signal?: AbortSignal): Promise<void> {
  const script = 'require(process.argv[1]).version || process.exit(1)';
  await runProgramTo(
    'loading the native library',
    [process.execPath, '-e', script, file],
    dirname(file),
    signal,
  );
}

/**
 * Builds the native library against oneDNN: the one installed here, else one unpacked without root from Debian's or PyPI's
 * packages. Everything lies in the user's own cache folder.
 * @returns the folder and where oneDNN came from.
 * @throws EngineInstallError naming the part that failed; what was there before stays.
 */
export async function installOnednn(
  options: OnednnInstallOptions,
): Promise<{ folder: string; source: string }> {
  const { signal, onProgress = () => {} } = options;
  const folder = onednnFolder();
  const scratch = await makeScratch(dirname(folder));
  try {
    const compiler = await findCompiler(options.compiler);
    const library = await findLibrary(options, join(scratch, 'library'));
    const target = join(scratch, 'target');
    await mkdir(target);
    onProgress('compiling');
    const build = { compiler, library, scratch, target, sanitize: options.sanitize ?? false, signal };
    await linkAll(build, await compileAll(build));
    if (!build.sanitize) await versionOf(addonFile(target), signal);
    await rm(folder, { recursive: true, force: true });
    await rename(target, folder);
    return { folder, source: library.source };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function makeScratch(parent: string): Promise<string> {
  try {
    ownNativeCache();
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, '.scratch-'));
  } catch (cause) {
    throw new EngineInstallError('folder of native builds', (cause as Error).message, { cause });
  }
}

/** oneDNN as it is installed here, else from an earlier build, else got now. */
async function findLibrary(options: OnednnInstallOptions, scratch: string): Promise<OnednnLibrary> {
  const { root, signal, onProgress = () => {} } = options;
  const installed = await locateOnednn(options);
  if (installed) return installed;
  if (root !== undefined)
    throw new EngineInstallError('oneDNN', `ONEDNN_ROOT is ${root}, which has no oneDNN`);
  const target = libraryFolder();
  const kept = libraryUnder(target, 'an earlier download');
  if (kept) return kept;
  onProgress('getting oneDNN');
  await rm(target, { recursive: true, force: true });
  return unpackOnednn({ target, scratch, signal });
}
