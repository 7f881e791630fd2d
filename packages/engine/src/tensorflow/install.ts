import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { ownNativeCache } from '../../scripts/native-cache.mjs';
import { findNodeHeaders, npmCommand } from '../../scripts/node-headers.mjs';
import { EngineInstallError } from '../errors.ts';
import { tensorflowFolder, tensorflowLayout } from './layout.ts';
import { firstThatAnswers, runProgramTo } from '../build/programs.ts';
import { downloadWheels } from '../build/wheels.ts';

/** tfjs-node's JavaScript and binding, and the one package its kernels need; what npm must find, as its lock files say it. */
const NPM_PACKAGES = {
  '@tensorflow/tfjs-node': {
    version: '4.22.0',
    integrity:
      'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  },
  'google-protobuf': {
    version: '3.21.4',
    integrity:
      'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
  },
} as const;

interface Wheel {
  readonly name: string;
  /** Of the one for CPython 3.11. */
  readonly sha256: string;
  readonly platforms: readonly string[];
}

/** The wheel that carries TensorFlow's C library and headers; which Python it is for does not matter to us. */
const WHEELS: Readonly<Record<string, Wheel>> = {
  x64: {
    name: 'tensorflow-cpu==2.21.0',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    platforms: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64'],
  },
  arm64: {
    name: 'tensorflow==2.21.0',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    platforms: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64'],
  },
};

/** The wheel, what is taken out of it, and the build. */
const DISK_NEEDED = 1.6e9;
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

const UNPACK_WHEEL = `
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for name in wheel.namelist():
    library = name in ("tensorflow/${LIBRARIES[0]}", "tensorflow/${LIBRARIES[1]}")
    header = name.startswith("tensorflow/include/") and name.endswith(".h") and (
        "/c/" in name or name.startswith(("tensorflow/include/tensorflow/core/platform/", "tensorflow/include/tsl/", "tensorflow/include/xla/tsl/")))
    if library or header:
        wheel.extract(name, sys.argv[2])
`;

export interface InstallOptions {
  /** A wheel that is on this machine already, taken as it is. */
  readonly wheel?: string;
  /** Builds again what is there. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

interface Tools {
  readonly compiler: readonly string[];
  readonly python: readonly string[];
  readonly nodedir: string;
}

async function checkMachine(folder: string): Promise<void> {
  if (platform() !== 'linux' || !(arch() in WHEELS)) {
    throw new EngineInstallError(
      'this machine',
      `only Linux on x64 and arm64 can be served, this is ${platform()} on ${arch()}; there, "npm install" gets ` +
        '@tensorflow/tfjs-node with its own download',
    );
  }
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < DISK_NEEDED) {
    const free = ((bavail * bsize) / 1e9).toFixed(1);
    throw new EngineInstallError(
      'disk',
      `${DISK_NEEDED / 1e9} GB are needed in ${folder}, ${free} GB are free`,
    );
  }
}

async function findTools(): Promise<Tools> {
  const cxx = process.env['CXX'];
  const compiler = await firstThatAnswers([...(cxx ? [cxx.split(' ')] : []), ['g++'], ['clang++'], ['c++']]);
  if (compiler === undefined) {
    throw new EngineInstallError('C++ compiler', 'none was found (Debian and Ubuntu: apt-get install g++)');
  }
  const python = await firstThatAnswers(['python3', 'python'].map((name) => [name, '-m', 'pip']));
  if (python === undefined) {
    throw new EngineInstallError(
      'pip',
      'python3 -m pip does not start (Debian and Ubuntu: apt-get install python3-pip)',
    );
  }
  const { nodedir } = await findNodeHeaders({ cacheFolder: ownNativeCache() });
  return { compiler, python: python.slice(0, 1), nodedir };
}

/** @throws EngineInstallError where a file is not the one that we know. */
export async function checkIntegrity(what: string, file: string, integrity: string): Promise<void> {
  const found = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (found === integrity) return;
  throw new EngineInstallError(what, `it is not the one we know: expected ${integrity}, got ${found}`);
}

async function fetchNpmPackages(scratch: string, modules: string, signal?: AbortSignal): Promise<void> {
  for (const [name, { version, integrity }] of Object.entries(NPM_PACKAGES)) {
    const folder = join(modules, name);
    await mkdir(folder, { recursive: true });
    const pack = [
      ...npmCommand(),
      'pack',
      `${name}@${version}`,
      '--ignore-scripts',
      '--pack-destination',
      folder,
    ];
    await runProgramTo(`npm package ${name}`, pack, scratch, signal);
    const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? '';
    await checkIntegrity(`npm package ${name}`, join(folder, archive), integrity);
    await runProgramTo(
      `npm package ${name}`,
      ['tar', '-xzf', archive, '--strip-components=1'],
      folder,
      signal,
    );
    await rm(join(folder, archive));
  }
  // tfjs-node asks for these by name; see SHARED_TFJS
  for (const name of ['@tensorflow/tfjs', '@tensorflow/tfjs-core']) {
    await mkdir(join(modules, name), { recursive: true });
    await writeFile(
      join(modules, name, 'index.js'),
      "module.exports = globalThis[Symbol.for('atelier.tfjs')];\n",
    );
  }
}

async function fetchWheel(python: readonly string[], scratch: string, signal?: AbortSignal): Promise<string> {
  const { name, sha256, platforms } = WHEELS[arch()]!;
  const options = [
    ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'],
    ...platforms.flatMap((tag) => ['--platform', tag]),
  ];
  await downloadWheels(`PyPI package ${name}`, {
    python,
    wheels: { [name]: sha256 },
    scratch,
    options,
    signal,
  });
  const wheel = (await readdir(scratch)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new EngineInstallError(`PyPI package ${name}`, 'pip left no wheel');
  return join(scratch, wheel);
}

async function unpackWheel(
  wheel: string,
  tools: Tools,
  scratch: string,
  signal?: AbortSignal,
): Promise<void> {
  await runProgramTo(
    'unpacking the wheel',
    [...tools.python, '-c', UNPACK_WHEEL, wheel, scratch],
    scratch,
    signal,
  );
  for (const library of LIBRARIES) {
    if (existsSync(join(scratch, 'tensorflow', library))) continue;
    throw new EngineInstallError('the wheel', `${wheel} has no ${library}`);
  }
}

/** Compiles tfjs-node's two source files against the wheel's library. */
async function buildBinding(
  tools: Tools,
  scratch: string,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const { binding, libraries, tfjsNode } = tensorflowLayout(target);
  await mkdir(libraries, { recursive: true });
  for (const library of LIBRARIES)
    await rename(join(scratch, 'tensorflow', library), join(libraries, library));
  const compile = [
    ...tools.compiler,
    ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
    ...[`-I${join(tools.nodedir, 'include', 'node')}`, `-I${join(scratch, 'tensorflow', 'include')}`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjsNode, 'binding', file)),
    ...LIBRARIES.map((library) => join(libraries, library)),
    ...['-Wl,-rpath,$ORIGIN/lib', '-o', binding],
  ];
  await runProgramTo('building the binding', compile, scratch, signal);
}

/** Loads the binding in a process of its own, so that a broken library is a message and not a crash. */
async function checkBinding(target: string, signal?: AbortSignal): Promise<void> {
  const script = 'require(process.argv[1]).TF_Version || process.exit(1)';
  const { binding } = tensorflowLayout(target);
  await runProgramTo('loading the binding', [process.execPath, '-e', script, binding], target, signal);
}

function cacheFolder(): string {
  try {
    return ownNativeCache();
  } catch (cause) {
    throw new EngineInstallError('folder of native builds', (cause as Error).message, { cause });
  }
}

/**
 * Gets @tensorflow/tfjs-node working where its own download is blocked, without root, in the user's own cache folder: its
 * JavaScript from npm, TensorFlow's C library from PyPI's wheel, its binding compiled here.
 * @returns the folder, and whether anything was done.
 * @throws EngineInstallError naming the part; nothing half-built stays behind.
 */
export async function installTensorflow(
  options: InstallOptions,
): Promise<{ folder: string; installed: boolean }> {
  const { signal, onProgress = () => {} } = options;
  const folder = tensorflowFolder();
  if (existsSync(folder) && !options.force) return { folder, installed: false };
  await checkMachine(cacheFolder());
  const tools = await findTools();
  const scratch = await mkdtemp(join(dirname(folder), '.tensorflow-'));
  try {
    const target = join(scratch, 'target');
    onProgress('getting tfjs-node from npm');
    await fetchNpmPackages(scratch, tensorflowLayout(target).modules, signal);
    if (options.wheel === undefined) onProgress("getting TensorFlow's C library from PyPI (about 270 MB)");
    const wheel = options.wheel ?? (await fetchWheel(tools.python, scratch, signal));
    onProgress('unpacking');
    await unpackWheel(wheel, tools, scratch, signal);
    onProgress('building the binding');
    await buildBinding(tools, scratch, target, signal);
    await checkBinding(target, signal);
    await rm(folder, { recursive: true, force: true });
    await rename(target, folder);
    return { folder, installed: true };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
