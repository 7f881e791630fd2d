import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

// Plain JavaScript with Node's own modules only: set-up runs it before anything is installed.

/** True when `<folder>/include/node` holds the headers for the binary interface of the Node that runs us. */
export function hasHeadersFor(folder, modules = process.versions.modules) {
  const file = join(folder, 'include', 'node', 'node_version.h');
  if (!existsSync(file)) return false;
  const found = /#define\s+NODE_MODULE_VERSION\s+(\d+)/.exec(readFileSync(file, 'utf8'));
  return found?.[1] === modules;
}

/** How to start npm: the script that started us, else the program. */
export function npmCommand(environment = process.env) {
  const script = environment.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
}

function localFolders(environment) {
  const bin = dirname(process.execPath);
  const realBin = dirname(realpathSync(process.execPath));
  const sibling = `node-${process.platform}-${process.arch}`;
  return [
    environment.npm_config_nodedir,
    dirname(bin),
    dirname(realBin),
    join(dirname(realBin), '..', sibling),
    join(dirname(realBin), 'node_modules', sibling),
    '/usr',
    '/usr/local',
  ].filter((folder) => folder);
}

/** npm's package of the same Node carries `include/node`. */
function fetchHeaders(target, environment) {
  const name = `node-${process.platform}-${process.arch}@${process.versions.node}`;
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(join(dirname(target), '.headers-'));
  try {
    const [program, ...args] = npmCommand(environment);
    execFileSync(
      program,
      [...args, 'pack', name, '--silent', '--ignore-scripts', '--pack-destination', scratch],
      {
        cwd: scratch,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const archive = readdirSync(scratch).find((file) => file.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', archive, '--strip-components=1', 'package/include'], { cwd: scratch });
    rmSync(join(scratch, archive));
    if (!hasHeadersFor(scratch)) throw new Error(`the npm package ${name} carries no headers`);
    rmSync(target, { recursive: true, force: true });
    renameSync(scratch, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return name;
}

/**
 * Finds the C headers of the Node that runs us, without Node's download server: in npm's `nodedir` setting, beside the
 * node binary, in the system's folders, in our cache, and at last in the npm package `node-<platform>-<arch>`.
 * @param {{ cacheFolder: string, environment?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ nodedir: string, source: string }>} the folder that has `include/node`, and where it came from
 */
export async function findNodeHeaders({ cacheFolder, environment = process.env }) {
  for (const folder of localFolders(environment)) {
    if (hasHeadersFor(folder)) return { nodedir: folder, source: join(folder, 'include', 'node') };
  }
  const cached = join(cacheFolder, `node-headers-${process.versions.node}`);
  if (hasHeadersFor(cached)) return { nodedir: cached, source: 'kept from an earlier set-up' };
  try {
    const name = fetchHeaders(cached, environment);
    return { nodedir: cached, source: `the npm package ${name}` };
  } catch (cause) {
    const detail =
      String(cause.stderr ?? '')
        .trim()
        .split('\n')
        .at(-1) || cause.message;
    throw new Error(
      `no headers of Node ${process.versions.node} on this machine, and none from npm (${detail})`,
      { cause },
    );
  }
}
