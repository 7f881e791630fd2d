import { describeEngines, installOnednn } from '@atelier/engine';
import { Command } from 'commander';
import { userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';

interface Flags {
  readonly force?: boolean;
  readonly onednnRoot?: string;
}

async function status(): Promise<{ available: boolean; version?: string; reason?: string }> {
  return (await describeEngines(['onednn']))[0]!;
}

async function install(flags: Flags): Promise<void> {
  const found = await status();
  if (found.available && !flags.force) {
    console.log(`onednn works already: ${found.version}`);
    return;
  }
  const root = flags.onednnRoot === undefined ? process.env['ONEDNN_ROOT'] : userPath(flags.onednnRoot);
  const { folder, source } = await untilInterrupted((signal) =>
    installOnednn({
      root: root || undefined,
      cmakePrefixPath: process.env['CMAKE_PREFIX_PATH'],
      compiler: process.env['CXX'],
      signal,
      onProgress: (message) => process.stderr.write(`${message} ...\n`),
    }),
  );
  const now = await status();
  if (!now.available) throw new Error(`onednn was built in ${folder} but does not open: ${now.reason}`);
  console.log(`onednn works: ${now.version} (from ${source}), in ${folder}`);
}

export function installOnednnCommand(): Command {
  return new Command('install-onednn')
    .description('build the native engine against oneDNN, without root')
    .option('--force', 'build again what works already')
    .option('--onednn-root <folder>', 'where oneDNN is installed (also: ONEDNN_ROOT)')
    .addHelpText(
      'after',
      `
Needs a C++17 compiler with OpenMP. oneDNN (2.6 or 3.x) is taken from pkg-config, from where CMake would look, or from
ONEDNN_ROOT; where it is not installed, from Debian's or PyPI's packages, unpacked. Everything goes into
~/.cache/atelier (XDG_CACHE_HOME), which must be yours alone to write. CXX names another compiler.

Examples
  npx atelier engine install-onednn
  npx atelier engine install-onednn --force --onednn-root=/opt/onednn`,
    )
    .action(install);
}
