/**
 * Runs TensorFlow.js' own op tests on the native engine, next to the cpu backend.
 *
 *   npx nx run engine:conformance [--only=conv2d] [--threads=2] [--addon=<library>] [--json]
 *
 * Every test that the cpu backend passes must pass, or stand with its reason in conformance/listed.json; one that is listed
 * and passes fails too. A whole run writes conformance/results.json.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngines } from '../src/describe.ts';
import { addonFile } from '../src/onednn/layout.ts';
import type { Comparison } from './comparison.ts';
import { runConformance } from './run.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
    addon: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

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
async function findAddon(): Promise<string | undefined> {
  if (flags.addon !== undefined) return resolve(process.env['INIT_CWD'] ?? '.', flags.addon);
  const [engine] = await describeEngines(['onednn']);
  if (engine?.available) return addonFile();
  console.log(`onednn is not there to be tested: ${engine?.reason}\n  to get it: ${engine?.remedy ?? ''}`);
  return undefined;
}

const addon = await findAddon();
if (addon !== undefined) {
  const result = await runConformance({ addon, threads: Number(flags.threads), only: flags.only });
  if (result.cpu.passed === 0) throw new Error(`no test of TensorFlow.js has "${flags.only}" in its name`);
  if (flags.json) console.log(JSON.stringify(result, undefined, 2));
  else print(result);
  process.exitCode = result.unlisted.length + result.stale.length > 0 ? 1 : 0;
}
