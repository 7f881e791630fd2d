/**
 * Calls the native library in thousands of wrong ways; see fuzz.ts.
 *
 *   npx tsx packages/engine/sanitize/fuzz-main.ts [--rounds=20000] [--seed=1] [--addon=file] [--log=file]
 *
 * --log keeps the last call in a file: what a crash came from.
 */
import { openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Addon } from '../src/onednn/addon.ts';
import { addonFile } from '../src/onednn/layout.ts';
import { fuzz } from './fuzz.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    addon: { type: 'string' },
    log: { type: 'string' },
  },
});
const file = flags.addon === undefined ? addonFile() : resolve(flags.addon);
const addon = createRequire(import.meta.url)(file) as Addon;
addon.setThreads(2);

const log = flags.log === undefined ? undefined : openSync(flags.log, 'w');
const onCall = (what: string): void => {
  if (log !== undefined) writeSync(log, `${what}`.padEnd(2000).slice(0, 1999) + '\n', 0);
};
const since = performance.now();
const result = await fuzz(addon, { rounds: Number(flags.rounds), seed: Number(flags.seed), onCall });
const seconds = Math.round((performance.now() - since) / 1000);
console.log(
  `${result.calls} calls in ${seconds} s: ${result.taken} operations ran, ${result.refused} calls were refused, ${result.replays} replays`,
);
for (const failure of result.failures) console.log(`FAILED ${failure}`);
process.exitCode = result.failures.length > 0 ? 1 : 0;
