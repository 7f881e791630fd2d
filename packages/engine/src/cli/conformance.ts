import { userPath } from '@atelier/cli';
import { Command, InvalidArgumentError } from 'commander';
import type { Comparison } from '../../conformance/comparison.ts';
import { describeEngines } from '../describe.ts';
import { ConformanceFilterError } from '../errors.ts';
import { addonFile } from '../onednn/layout.ts';

interface Flags {
  readonly only?: string;
  readonly threads: number;
  readonly addon?: string;
  readonly json?: boolean;
}

function print(result: Comparison): void {
  const { cpu, onednn } = result;
  console.log(`cpu      passed ${cpu.passed}  failed ${cpu.failed}`);
  console.log(`onednn   passed ${onednn.passed}  failed ${onednn.failed}  (listed ${onednn.listed})`);
  if (result.both.length > 0) console.log(`fail on both: ${result.both.join('; ')}`);
  if (result.onlyCpu.length > 0)
    console.log(`declared for the cpu backend only: ${result.onlyCpu.join('; ')}`);
  for (const { name, failures } of result.unlisted)
    console.log(`\nFAILED ${name}\n  ${failures.map((failure) => failure.slice(0, 600)).join('\n  ')}`);
  for (const name of result.stale)
    console.log(`\nLISTED, but it passes or is no test: ${name}\n  take it out of conformance/listed.json`);
}

/** The native library; undefined, with the reason said, where this machine has none. */
async function addonOf(flags: Flags): Promise<string | undefined> {
  if (flags.addon !== undefined) return userPath(flags.addon);
  const [engine] = await describeEngines(['onednn']);
  if (engine?.available) return addonFile();
  console.log(`onednn is not there to be tested: ${engine?.reason}\n  to get it: ${engine?.remedy ?? ''}`);
  return undefined;
}

async function conformance(flags: Flags): Promise<void> {
  const addon = await addonOf(flags);
  if (addon === undefined) return;
  const { runConformance } = await import('../../conformance/run.ts');
  const result = await runConformance({ addon, threads: flags.threads, only: flags.only });
  if (result.cpu.passed === 0) throw new ConformanceFilterError(flags.only ?? '');
  if (flags.json) console.log(JSON.stringify(result, undefined, 2));
  else print(result);
  process.exitCode = result.unlisted.length + result.stale.length > 0 ? 1 : 0;
}

function threadCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw new InvalidArgumentError('a whole number from 1 to 1024 expected.');
}

export function conformanceCommand(): Command {
  return new Command('conformance')
    .description("run TensorFlow.js' own op tests on the native engine, next to the cpu backend")
    .option('--only <part>', 'only tests with this in their name')
    .option('--threads <count>', 'threads of the native engine', threadCount, 2)
    .option('--addon <file>', 'another build of the native library')
    .option('--json', 'print the counts and failures as JSON')
    .addHelpText(
      'after',
      `
Every test that the cpu backend passes must pass, or stand with its reason in packages/engine/conformance/listed.json; one
that is listed and passes fails too. A whole run writes packages/engine/conformance/results.json.

Examples
  npx nx run engine:conformance
  npx nx run engine:conformance --only=conv2d --threads=1`,
    )
    .action(conformance);
}
