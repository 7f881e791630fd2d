/**
 * A whole training as a user runs it: wall time and peak resident memory of the `train:run` process, and the SHA-256 of the
 * saved weights of two runs with the same seed.
 *
 *   npx tsx apps/cli/bench/run-memory.ts [--engine=onednn] [--threads=2] [--epochs=5] [--runs=2] [--short] [--json]
 *
 * --short trains one epoch. The runs stand in the tracker of ATELIER_HOME under the project `bench`. Fails where the
 * weights of two runs differ, or where one took more than 700 MB.
 */
import { ENTRY } from '../src/terminal/entry.ts';
import { openTracker } from '@atelier/tracker';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onednn' },
    threads: { type: 'string', default: '2' },
    epochs: { type: 'string' },
    runs: { type: 'string', default: '2' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const MOST_MEGABYTES = 700;

const home = resolve(import.meta.dirname, '../../..', process.env['ATELIER_HOME'] || '.atelier');
const epochs = flags.epochs ?? (flags.short ? '1' : '5');

/** Runs in the process, says what it needed when it ends: its peak is the process's own. */
const REPORT = `process.on('exit', () => require('node:fs').writeSync(2, 'PEAK ' + process.resourceUsage().maxRSS + '\\n'))`;

function trainOnce(): { run: number; seconds: number; peakMegabytes: number; sha256: string } {
  const report = `--import=data:text/javascript,${encodeURIComponent(`import { createRequire } from 'node:module'; const require = createRequire('file:///'); ${REPORT}`)}`;
  const options = ['--recipe=seed-cnn', `--epochs=${epochs}`, '--seed=1', `--engine=${flags.engine}`];
  const command = ['run', ...options, `--threads=${flags.threads}`];
  const since = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [report, ENTRY, ...command, '--project=bench', '--quiet', '--json'],
    { encoding: 'utf8', env: { ...process.env, ATELIER_HOME: home } },
  );
  if (status !== 0) throw new Error(`train:run ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
  const seconds = (performance.now() - since) / 1000;
  const { run } = JSON.parse(stdout) as { run: number };
  return {
    run,
    seconds,
    peakMegabytes: Number(/PEAK (\d+)/.exec(stderr)![1]) / 1024,
    sha256: weightsOf(run),
  };
}

function weightsOf(run: number): string {
  using tracker = openTracker({ home, readonly: true });
  const files = tracker.getRun(run).artifacts.filter(({ path }) => path.endsWith('.bin'));
  if (files.length === 0) throw new Error(`run ${run} kept no weights`);
  const hash = createHash('sha256');
  for (const { path } of files) hash.update(tracker.readArtifact(run, path));
  return hash.digest('hex');
}

const runs = Array.from({ length: Number(flags.runs) }, trainOnce);
const wrong = [
  ...(new Set(runs.map(({ sha256 }) => sha256)).size > 1 ? ['the runs gave different weights'] : []),
  ...runs
    .filter(({ peakMegabytes }) => peakMegabytes > MOST_MEGABYTES)
    .map(
      ({ run, peakMegabytes }) => `run ${run} took ${peakMegabytes.toFixed(0)} MB, over ${MOST_MEGABYTES}`,
    ),
];
if (flags.json) {
  const { engine, threads } = flags;
  const machine = cpus()[0]?.model;
  console.log(
    JSON.stringify({
      benchmark: 'run-memory',
      engine,
      threads,
      epochs: Number(epochs),
      machine,
      runs,
      wrong,
    }),
  );
} else {
  for (const { run, seconds, peakMegabytes, sha256 } of runs)
    console.log(
      `run ${run}: ${seconds.toFixed(1)} s, peak resident ${peakMegabytes.toFixed(0)} MB, weights ${sha256}`,
    );
  for (const one of wrong) console.log(`FAILED ${one}`);
}
process.exitCode = wrong.length > 0 ? 1 : 0;
