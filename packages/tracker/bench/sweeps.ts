import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openSweeps, openTracker } from '../src/index.ts';

const HELP = `What the store of sweeps costs: instant trials, each claimed, reported once and completed.

npx tsx packages/tracker/bench/sweeps.ts [--trials=10000] [--workers=8] [--short] [--json]

--short   400 trials, 4 workers
--json    one JSON object

Exit code 1 where a trial was lost or done twice.`;

const { values: flags } = parseArgs({
  options: {
    trials: { type: 'string' },
    workers: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Said {
  readonly began: number;
  readonly ended: number;
  readonly busyMs: number;
  readonly worstMs: number;
  readonly taken: readonly number[];
}

const WORKER = fileURLToPath(new URL('sweeps-worker.ts', import.meta.url));
/** Long enough for every worker to load TypeScript and open the tracker. */
const LOADING_MS = 15_000;

async function runWorkers(home: string, workers: number): Promise<Said[]> {
  const start = String(Date.now() + LOADING_MS);
  const run = promisify(execFile);
  const said = await Promise.all(
    Array.from({ length: workers }, async (_, at) => {
      const args = ['--import', 'tsx', WORKER, home, 'bench', `w${at}`, start];
      return run(process.execPath, args, { maxBuffer: 1 << 26 });
    }),
  );
  return said.map(({ stdout }) => JSON.parse(stdout) as Said);
}

async function measure(home: string, trials: number, workers: number) {
  using tracker = openTracker({ home });
  const sweeps = openSweeps(tracker);
  const { id } = sweeps.create({ project: 'bench', name: 'bench', spec: {}, codeVersion: '1' });
  const lead = sweeps.lead(id, { owner: 'bench', leaseMs: 3_600_000 });
  const from = performance.now();
  const starts = Array.from({ length: trials }, (_, at) => ({
    key: at.toString(16).padStart(64, '0'),
    parameters: { x: at },
    config: { x: at },
    seed: 0,
  }));
  sweeps.enqueue(id, lead, starts);
  const enqueueMs = performance.now() - from;
  const said = await runWorkers(home, workers);
  const taken = said.flatMap((worker) => worker.taken);
  const wallMs = Math.max(...said.map(({ ended }) => ended)) - Math.min(...said.map(({ began }) => began));
  const done = sweeps.trials(id, { reports: true });
  const right = done.filter(
    ({ state, number, values, reports, attempts }) =>
      state === 'COMPLETE' && attempts === 1 && values[0] === number && reports[0]?.value === number,
  );
  return {
    trials,
    workers,
    trialsPerSecond: (trials / wallMs) * 1000,
    // wall time a trial takes of one store that all workers share
    storeMsPerTrial: wallMs / trials,
    // what a worker waits for the store per trial, other workers' turns included
    workerMsPerTrial: said.reduce((sum, { busyMs }) => sum + busyMs, 0) / trials,
    worstMs: Math.max(...said.map(({ worstMs }) => worstMs)),
    enqueueMsPerTrial: enqueueMs / trials,
    lost: trials - right.length,
    doubled: taken.length - new Set(taken).size,
    perWorker: said.map((worker) => worker.taken.length),
  };
}

if (flags.help) {
  process.stdout.write(`${HELP}\n`);
} else {
  const trials = Number(flags.trials ?? (flags.short ? 400 : 10_000));
  const workers = Number(flags.workers ?? (flags.short ? 4 : 8));
  const home = mkdtempSync(join(tmpdir(), 'atelier-sweeps-'));
  try {
    const found = await measure(home, trials, workers);
    const text = Object.entries(found).map(([name, value]) => `${name.padEnd(18)} ${String(value)}`);
    process.stdout.write(`${flags.json ? JSON.stringify(found) : text.join('\n')}\n`);
    if (found.lost > 0 || found.doubled > 0) process.exitCode = 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
