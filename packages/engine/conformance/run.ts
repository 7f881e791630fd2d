// TensorFlow.js' own op tests against our backend, next to the cpu backend's result:
//   npx tsx conformance/run.ts --addon=<atelier_onednn.node> [--only=<part of a test's name>] [--threads=2]
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleTests } from './bundle.ts';
import { compare, type Comparison, type Listed } from './comparison.ts';
import type { Outcome } from './spec-tree.ts';
import type { Order } from './tests.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const built = join(folder, '../dist/conformance');

/** One process for one backend. */
async function outcomes(program: string, order: Order): Promise<Outcome[]> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((done, broken) => {
    child.once('error', broken);
    child.once('exit', (...ending) => done(ending));
  });
  if (code !== 0) throw new Error(`the tests on ${order.backend} ended with ${signal ?? `code ${code}`}`);
  return JSON.parse(readFileSync(order.out, 'utf8')) as Outcome[];
}

function print(result: Comparison): void {
  const { cpu, onednn } = result;
  console.log(`cpu      passed ${cpu.passed}  failed ${cpu.failed}`);
  console.log(`onednn   passed ${onednn.passed}  failed ${onednn.failed}  (listed ${onednn.listed})`);
  if (result.both.length > 0) console.log(`fail on both: ${result.both.join('; ')}`);
  if (result.onlyCpu.length > 0) console.log(`declared for cpu only: ${result.onlyCpu.join('; ')}`);
  for (const { name, failures } of result.unlisted)
    console.log(`\nFAILED ${name}\n  ${failures.map((failure) => failure.slice(0, 600)).join('\n  ')}`);
  for (const name of result.stale)
    console.log(`\nLISTED, but it passes or is no test: ${name}\n  take it out of listed.json`);
}

const { values } = parseArgs({
  options: {
    addon: { type: 'string' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
});
if (values.addon === undefined) throw new Error('--addon=<path of atelier_onednn.node> is missing');
mkdirSync(built, { recursive: true });
const program = join(built, 'tests.cjs');
await bundleTests(program);
const shared = values.only === undefined ? {} : { only: values.only };
const cpu = await outcomes(program, { ...shared, backend: 'cpu', out: join(built, 'cpu.json') });
const onednn = await outcomes(program, {
  ...shared,
  backend: 'onednn',
  addon: resolve(values.addon),
  threads: Number(values.threads),
  out: join(built, 'onednn.json'),
});
const listed = JSON.parse(readFileSync(join(folder, 'listed.json'), 'utf8')) as Listed;
const applies = Object.entries(listed).filter(
  ([name]) => values.only === undefined || name.includes(values.only),
);
const result = compare(cpu, onednn, Object.fromEntries(applies));
print(result);
if (values.only === undefined) {
  const { unlisted, ...rest } = result;
  const stored = { ...rest, unlisted: unlisted.map(({ name }) => name) };
  writeFileSync(join(folder, 'results.json'), JSON.stringify(stored, undefined, 2) + '\n');
}
process.exitCode = result.unlisted.length + result.stale.length > 0 ? 1 : 0;
