import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ownNativeCache } from '../packages/engine/scripts/native-cache.mjs';
import { findNodeHeaders } from '../packages/engine/scripts/node-headers.mjs';
import { ROOT, elapsed, npm, run } from './shell.mjs';

const OLDEST_NODE = [20, 19, 0];

function readJson(path) {
  try {
    return JSON.parse(readFileSync(resolve(ROOT, path), 'utf8'));
  } catch {
    return undefined;
  }
}

function checkNode() {
  const version = process.versions.node.split('.').map(Number);
  const difference = version.map((part, i) => part - OLDEST_NODE[i]).find((d) => d !== 0) ?? 0;
  if (difference < 0) {
    throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`);
  }
}

/** What the lock file asks for and node_modules does not have. Optional packages may be absent. */
function missingPackages() {
  const wanted = readJson('package-lock.json')?.packages ?? {};
  const present = readJson('node_modules/.package-lock.json')?.packages ?? {};
  return Object.entries(wanted)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !entry.link)
    .filter(([path, entry]) => present[path]?.version !== entry.version)
    .map(([path]) => path);
}

function sqliteOpens() {
  return run(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:').close()"], {
    quiet: true,
  });
}

/** node-gyp needs Node's headers; we look for them ourselves because it can only download them. */
async function buildEnvironment() {
  try {
    const { nodedir, source } = await findNodeHeaders({ cacheFolder: ownNativeCache() });
    console.log(`Node headers: ${source}`);
    return { npm_config_nodedir: nodedir };
  } catch (error) {
    console.log(`Node headers: not found here (${error.message}); leaving it to node-gyp's own download`);
    return {};
  }
}

async function install() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  console.log(`Installing ${missing.length} packages (npm ci) ...`);
  const code = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    env: await buildEnvironment(),
  });
  if (code !== 0) throw new Error(`npm ci ended with ${code}; its messages are above`);
}

/** better-sqlite3 is compiled for one Node version: another one needs it again. */
async function buildSqlite() {
  if ((await sqliteOpens()) === 0) return;
  console.log(`Building better-sqlite3 for Node ${process.versions.node} ...`);
  await npm(['rebuild', 'better-sqlite3', '--loglevel=error'], { env: await buildEnvironment() });
  if ((await sqliteOpens()) !== 0) {
    throw new Error(
      'better-sqlite3 could not be built. It needs python3, make and a C++ compiler ' +
        '(Debian and Ubuntu: build-essential; macOS: xcode-select --install), ' +
        'or internet access for its prebuilt binary.',
    );
  }
}

/** Brings node_modules to what the lock file says, with its native addon working on this Node. */
export async function setUp() {
  checkNode();
  const start = performance.now();
  await install();
  await buildSqlite();
  return elapsed(start);
}
