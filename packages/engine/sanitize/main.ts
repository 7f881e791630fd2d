/**
 * Builds the native library with AddressSanitizer and UndefinedBehaviorSanitizer into a folder of its own, runs the tests of
 * the native engine on it and calls it in thousands of wrong ways. Any report, failed test or crash fails.
 *
 *   npx nx run engine:sanitize [--rounds=20000] [--short] [--keep]
 *
 * --short calls 3,000 times instead of 20,000 times; --keep takes the build of the last time. Needs g++ or clang++ with
 * its sanitizers' libraries, on Linux.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addonFile } from '../src/onednn/layout.ts';
import { buildSanitized } from './build.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string' },
    short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const PACKAGE = resolve(import.meta.dirname, '..');
const folder = join(PACKAGE, 'dist', 'sanitize');
// builds lie in the cache: this one's, and that of every process started here
process.env['XDG_CACHE_HOME'] = folder;
const reports = join(folder, 'reports');
const compiler = process.env['CXX'] || 'g++';
const rounds = flags.rounds ?? (flags.short ? '3000' : '20000');

/** The sanitizers' libraries: they must be there before Node is, which knows nothing of them. */
function preloads(): string {
  const [program, ...rest] = compiler.split(' ') as [string, ...string[]];
  const files = ['libasan.so', 'libubsan.so'].map((name) =>
    execFileSync(program, [...rest, `-print-file-name=${name}`], { encoding: 'utf8' }).trim(),
  );
  const missing = files.find((file) => !existsSync(file));
  if (missing)
    throw new Error(`${compiler} has no ${missing}: install its sanitizers (Debian: libasan, libubsan)`);
  return files.join(' ');
}

/** Node with the sanitizers; whether it ended well. */
function node(what: string, args: readonly string[]): boolean {
  console.log(`\n${what} ...`);
  const common = `log_path=${join(reports, 'report')}`;
  const env = {
    ...process.env,
    LD_PRELOAD: preloads(),
    // Node keeps memory until it ends; a size that cannot be had must be an Error, not the end
    ASAN_OPTIONS: `detect_leaks=0:allocator_may_return_null=1:${common}`,
    UBSAN_OPTIONS: `print_stacktrace=1:halt_on_error=1:suppressions=${join(import.meta.dirname, 'suppressions.txt')}:${common}`,
  };
  const { status, signal } = spawnSync(process.execPath, args, { cwd: PACKAGE, env, stdio: 'inherit' });
  if (status !== 0) console.log(`FAILED ${what}: ${signal ?? `exit ${status}`}`);
  return status === 0;
}

function testFiles(): string[] {
  return readdirSync(join(PACKAGE, 'test')).filter((name) => /(onednn|native)-?.*\.test\.ts$/.test(name));
}

if (!flags.keep || !existsSync(addonFile())) await buildSanitized(process.env['CXX']);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const require = createRequire(import.meta.url);
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
const tests = testFiles().map((name) => join('test', name));
const log = join(folder, 'last-call.txt');
const passed = [
  node(`${rounds} rounds of wrong calls`, [
    ...['--import', 'tsx', 'sanitize/fuzz-main.ts', `--rounds=${rounds}`],
    ...[`--addon=${addonFile()}`, `--log=${log}`],
  ]),
  node(`the tests: ${tests.join(', ')}`, [
    ...[
      vitest,
      'run',
      '--config',
      '../../vitest.shared.ts',
      '--root',
      '.',
      '--pool=forks',
      '--reporter=default',
    ],
    ...['--testTimeout=600000', '--hookTimeout=600000', ...tests],
  ]),
];
// what the wrong calls ask for on purpose, and are refused
const REFUSED = /^==\d+==WARNING: AddressSanitizer failed to allocate .*\n/gm;
const written = readdirSync(reports).filter(
  (name) => readFileSync(join(reports, name), 'utf8').replace(REFUSED, '').trim() !== '',
);
for (const name of written)
  console.log(`\n${name}\n${readFileSync(join(reports, name), 'utf8').slice(0, 6000)}`);
if (!passed[0] && existsSync(log))
  console.log(`the last call: ${readFileSync(log, 'utf8').split('\n')[0]!.trim()}`);
const clean = written.length === 0 && passed.every(Boolean);
console.log(
  clean ? '\nAddressSanitizer and UBSan: nothing to report' : `\nFAILED with ${written.length} reports`,
);
process.exitCode = clean ? 0 : 1;
