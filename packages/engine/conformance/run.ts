import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleTests } from './bundle.ts';
import { compare, type Comparison, type Listed } from './comparison.ts';
import type { Outcome } from './spec-tree.ts';
import type { Order } from './tests.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const dist = join(folder, '../dist');

export interface ConformanceOptions {
  /** The native library. */
  readonly addon: string;
  readonly threads: number;
  /** Part of the names of the tests to run; all of them otherwise. */
  readonly only?: string | undefined;
}

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

function readListed(only: string | undefined): Listed {
  const listed = JSON.parse(readFileSync(join(folder, 'listed.json'), 'utf8')) as Listed;
  const applies = Object.entries(listed).filter(([name]) => only === undefined || name.includes(only));
  return Object.fromEntries(applies);
}

/** The counts for the repository, and in the shape that the other test targets leave theirs. */
function store(result: Comparison): void {
  const { unlisted, ...rest } = result;
  const stored = { ...rest, unlisted: unlisted.map(({ name }) => name) };
  writeFileSync(join(folder, 'results.json'), JSON.stringify(stored, undefined, 2) + '\n');
  const wrong = unlisted.length + result.stale.length;
  const counts = { numPassedTests: result.onednn.passed, numFailedTests: wrong };
  const totals = { ...counts, numPendingTests: 0, numTodoTests: 0, success: wrong === 0 };
  writeFileSync(join(dist, 'conformance-results.json'), JSON.stringify(totals));
}

/** Runs TensorFlow.js' own tests on the cpu backend and on ours. */
export async function runConformance({ addon, threads, only }: ConformanceOptions): Promise<Comparison> {
  const built = join(dist, 'conformance');
  mkdirSync(built, { recursive: true });
  const program = join(built, 'tests.cjs');
  await bundleTests(program);
  const shared = only === undefined ? {} : { only };
  const cpu = await outcomes(program, { ...shared, backend: 'cpu', out: join(built, 'cpu.json') });
  const onednn = await outcomes(program, {
    ...shared,
    backend: 'onednn',
    addon,
    threads,
    out: join(built, 'onednn.json'),
  });
  const result = compare(cpu, onednn, readListed(only));
  if (only === undefined) store(result);
  return result;
}
