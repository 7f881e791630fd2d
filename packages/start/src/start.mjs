/**
 * Starts a command written in TypeScript: `node start.mjs src/main.ts ls --limit=3`, or `start(file)` from a program.
 *
 * Loading hundreds of small TypeScript files one by one takes seconds, loading one file of JavaScript a few tenths. So the
 * command's own files are bundled into its package's dist/commands/ when one of them has changed since, and the bundle is
 * run. Plain JavaScript, because nothing is there yet that reads TypeScript.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

const SELF = fileURLToPath(import.meta.url);
const ROOT = resolve(dirname(SELF), '../../..');

/** Of many small modules, and nothing outside shares objects with them: bundled too. Everything else is loaded from where it is. */
const BUNDLED = new Set([
  ...['zod', 'drizzle-orm', 'hono', '@hono/node-server', '@hono/zod-validator'],
  ...['commander', 'cli-progress', 'yaml', 'fastest-levenshtein', 'hyparquet-writer'],
]);

const DIGEST_BYTES = 32;

/** What decides about every bundle: this file, and which packages are installed. */
const COMMON = [SELF, join(ROOT, 'package-lock.json')];

/** @param {string} file @returns {[string, number, number]} the path from the root, when it was written, its bytes */
function stampOf(file) {
  const { mtimeMs, size } = statSync(file);
  return [relative(ROOT, file), mtimeMs, size];
}

/** @param {string} entry @returns {string} where its bundle lies: in its own package's dist/commands */
function bundleOf(entry) {
  const inside = relative(ROOT, entry).split(sep);
  return join(ROOT, ...inside.slice(0, 2), 'dist/commands', `${inside.slice(2).join('-')}.cjs`);
}

/** @param {string} file @returns {string} its first line */
function firstLine(file) {
  const descriptor = openSync(file, 'r');
  try {
    for (let bytes = 1 << 16; ; bytes *= 4) {
      const text = Buffer.alloc(bytes);
      const read = readSync(descriptor, text, 0, bytes, 0);
      const end = text.subarray(0, read).indexOf('\n');
      if (end >= 0 || read < bytes) return text.toString('utf8', 0, Math.max(end, 0));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** @param {string} bundle @returns {boolean} whether everything it was made of is as it was */
function isFresh(bundle) {
  try {
    const line = firstLine(bundle);
    const { root, bytes, stamps } = JSON.parse(line.slice(3));
    // the text has absolute paths: of a checkout that was copied or moved they are another's
    if (root !== ROOT) return false;
    if (statSync(bundle).size !== Buffer.byteLength(line) + 1 + bytes) return false;
    return stamps.every(([path, time, size]) => {
      const now = statSync(`${ROOT}${sep}${path}`);
      return now.mtimeMs === time && now.size === size;
    });
  } catch {
    return false;
  }
}

/** Sources say where they are by import.meta, which in a bundle would be the bundle's place. */
const inPlace = {
  name: 'in-place',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return undefined;
      const contents = readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path))
        // of a file that only the running program knows: code that was kept cannot ask for it (see `run`)
        .replaceAll(/\bimport\((?!['"])/g, 'importModule(');
      return { contents, loader: 'ts' };
    });
    // a fifth of everything, and we speak English
    build.onLoad({ filter: /zod.v4.locales.index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === inPlace || from.kind === 'entry-point' || path.startsWith('@atelier/'))
        return undefined;
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      if (BUNDLED.has(name) || isBuiltin(path)) return undefined;
      // by name it would be looked for from the bundle's place, where another version may be the nearest
      const found = await build.resolve(path, { ...from, pluginData: inPlace });
      if (found.errors.length > 0) return found;
      return { path: found.path, external: true };
    });
  },
};

/** @param {string} entry @param {string} bundle */
async function makeBundle(entry, bundle) {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: [entry], outfile: bundle, absWorkingDir: ROOT, write: false, metafile: true },
    // a script: of a module V8's compiled code cannot be kept
    ...{ bundle: true, format: 'cjs', platform: 'node', target: 'node20', minify: true },
    supported: { 'dynamic-import': false },
    // as node resolves, which does not know the condition `module`
    conditions: [],
    ...{ plugins: [inPlace], logLevel: 'silent' },
  });
  const sources = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'));
  const stamps = [...COMMON, ...sources.map((path) => join(ROOT, path))].map(stampOf);
  mkdirSync(dirname(bundle), { recursive: true });
  // whole or not at all, whoever else is making it at the same time
  const draft = `${bundle}.${process.pid}`;
  const { contents, text } = outputFiles[0];
  writeFileSync(draft, `// ${JSON.stringify({ root: ROOT, bytes: contents.length, stamps })}\n${text}`);
  rmSync(codeOf(bundle), { force: true });
  renameSync(draft, bundle);
}

/** @param {string} bundle @returns {string} where the code lies that V8 made of it */
const codeOf = (bundle) => `${bundle}.code`;

/** V8 believes what it is given, so that is checked. @param {string} text @param {Buffer} code @returns {Buffer} */
const digestOf = (text, code) => createHash('sha256').update(text).update(code).digest();

/** @param {string} bundle @param {string} text @returns {Buffer | undefined} what V8 made of a bundle with this text */
function readCode(bundle, text) {
  try {
    const kept = readFileSync(codeOf(bundle));
    const code = kept.subarray(DIGEST_BYTES);
    return digestOf(text, code).equals(kept.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} bundle @param {string} text @param {Script} script */
function keepCode(bundle, text, script) {
  const draft = `${codeOf(bundle)}.${process.pid}`;
  try {
    const code = script.createCachedData();
    writeFileSync(draft, Buffer.concat([digestOf(text, code), code]));
    renameSync(draft, codeOf(bundle));
  } catch {
    // without it the next start takes a little longer
    rmSync(draft, { force: true });
  }
}

/** Compiling the bundle takes as long as everything else at the start: what V8 made of it the first time is kept. @param {string} bundle */
function run(bundle) {
  const text = readFileSync(bundle, 'utf8');
  const code = readCode(bundle, text);
  const script = new Script(`(function(module,exports,require,importModule){${text}\n})`, {
    filename: bundle,
    ...(code && { cachedData: code }),
  });
  const module = { exports: {} };
  // V8 forgets who imports for a script whose code was kept, so this module does
  const importModule = (/** @type {string} */ url) => import(url);
  script.runInThisContext()(module, module.exports, createRequire(bundle), importModule);
  // at the end, when what was needed has been compiled
  if (code === undefined || script.cachedDataRejected)
    process.once('exit', () => keepCode(bundle, text, script));
}

/** Without a bundle: file by file, in seconds. @param {string} entry */
async function startSources(entry) {
  if (!process.features.typescript) {
    const { register } = await import('tsx/esm/api');
    register();
  }
  await import(pathToFileURL(entry).href);
}

/**
 * Runs a TypeScript file of this workspace in this process, `process.argv` as if node had been started with it.
 * With `--debug` among the arguments it runs unbundled, so that stack traces name the sources.
 * @param {string | URL} file a path, or a file: URL
 */
export async function start(file) {
  const entry = realpathSync(file instanceof URL ? fileURLToPath(file) : resolve(file));
  process.argv[1] = entry;
  if (process.argv.includes('--debug')) return startSources(entry);
  const bundle = bundleOf(entry);
  if (!isFresh(bundle)) {
    try {
      await makeBundle(entry, bundle);
    } catch {
      // a folder that cannot be written, a package that is missing, a mistake in a source: the sources themselves tell
      return startSources(entry);
    }
  }
  run(bundle);
}

if (basename(process.argv[1] ?? '') === basename(SELF) && realpathSync(process.argv[1]) === SELF) {
  const [file] = process.argv.splice(2, 1);
  if (file === undefined) {
    process.stderr.write('error: expected the TypeScript file to start, for example src/main.ts\n');
    process.exitCode = 2;
  } else await start(file);
}
