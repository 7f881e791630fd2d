import { describeEngines, installTensorflow } from '@atelier/engine';
import { Command } from 'commander';
import { userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';

interface Flags {
  readonly force?: boolean;
  readonly wheel?: string;
}

async function install(flags: Flags): Promise<void> {
  const [found] = await describeEngines(['tensorflow']);
  if (found?.available && !flags.force) {
    console.log(`tensorflow works already: ${found.version}`);
    return;
  }
  const { folder } = await untilInterrupted((signal) =>
    installTensorflow({
      // what is there does not work, or is to be replaced
      force: true,
      signal,
      onProgress: (message) => process.stderr.write(`${message} ...\n`),
      ...(flags.wheel === undefined ? {} : { wheel: userPath(flags.wheel) }),
    }),
  );
  const [now] = await describeEngines(['tensorflow']);
  if (!now?.available) throw new Error(`tensorflow was built in ${folder} but does not open: ${now?.reason}`);
  console.log(`tensorflow works: ${now.version}, in ${folder}`);
}

export function installTensorflowCommand(): Command {
  return new Command('install-tensorflow')
    .description("build @tensorflow/tfjs-node's binding against TensorFlow's library from PyPI, without root")
    .option('--force', 'build again what works already')
    .option('--wheel <file>', 'a tensorflow-cpu wheel that is on this machine, instead of downloading one')
    .addHelpText(
      'after',
      `
Needs Linux, a C++ compiler, python3 with pip, and about 1.6 GB of disk while it builds (0.9 GB afterwards).
Downloads are checked against their known digests. Everything goes into ~/.cache/atelier (XDG_CACHE_HOME), which must be
yours alone to write.

Examples
  npx atelier engine install-tensorflow
  npx atelier engine install-tensorflow --wheel=./tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl`,
    )
    .action(install);
}
