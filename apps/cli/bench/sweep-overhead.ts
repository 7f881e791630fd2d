/**
 * What a trial costs besides its own work: 10,000 trials that do nothing.
 *
 *   npx tsx apps/cli/bench/sweep-overhead.ts [--trials=10000] [--workers=8] [--samplers=grid,tpe] [--short] [--json] [--help]
 *
 * Runs `sweep run` of a function that returns at once, in homes of their own: once with all workers, and a tenth of the
 * trials with one worker. Time counts from the first trial's start to the last one's end, so that the start of the workers
 * is left out (it is printed apart). Time / trials is the overhead: with all workers what a trial costs the sweep, with one
 * worker how long that worker waits from the end of a trial to the end of the next. Both have to stay under 20 ms.
 * Then every trial is looked up: none lost, none doubled, every value right. --short runs 300 trials with 4 workers.
 */
import { openSweeps, openTracker } from '@atelier/tracker';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSweep } from './sweep/command.ts';
import { benchHome } from './sweep/home.ts';

const { values: flags } = parseArgs({
  options: {
    trials: { type: 'string' },
    workers: { type: 'string' },
    samplers: { type: 'string', default: 'grid' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(readFileSync(import.meta.filename, 'utf8').match(/\/\*\*[^]*?\*\//)![0]);
  process.exit(0);
}

const count = Number(flags.trials ?? (flags.short ? 300 : 10_000));
const workers = Number(flags.workers ?? (flags.short ? 4 : 8));
const OBJECTIVE = fileURLToPath(new URL('./sweep/instant-objective.ts', import.meta.url));
const MOST_MS = 20;

interface Result {
  readonly sampler: string;
  readonly trials: number;
  readonly workers: number;
  readonly seconds: number;
  /** Before the first trial. */
  readonly startSeconds: number;
  readonly trialsPerSecond: number;
  readonly overheadMs: number;
  readonly wrong: readonly string[];
}

async function measure(sampler: string, count: number, workers: number): Promise<Result> {
  using bench = benchHome();
  const { home } = bench;
  const space = sampler === 'grid' ? `x=1..${count}:1` : `x=0.0..1.0`;
  const how = [
    `--sampler=${sampler}`,
    `--trials=${count}`,
    `--workers=${workers}`,
    '--name=instant',
    '--quiet',
  ];
  const began = Date.now();
  await runSweep(home, [`--objective=${OBJECTIVE}`, `--space=${space}`, ...how]);
  using tracker = openTracker({ home, readonly: true });
  const sweeps = openSweeps(tracker);
  const trials = sweeps.trials(sweeps.get('instant').id);
  const wrong: string[] = [];
  const keys = new Set(trials.map(({ key }) => key));
  if (trials.length !== count || keys.size !== count)
    wrong.push(`expected ${count} different trials, found ${trials.length}, ${keys.size} of them different`);
  for (const { number, state, values, attempts, parameters } of trials)
    if (state !== 'COMPLETE' || attempts !== 1 || values[0] !== parameters['x'])
      wrong.push(
        `trial ${number}: ${state}, ${attempts} attempts, value ${values.join()} of ${String(parameters['x'])}`,
      );
  const start = Math.min(...trials.map(({ startedAt }) => startedAt!));
  const end = Math.max(...trials.map(({ endedAt }) => endedAt!));
  const seconds = (end - start) / 1000;
  return {
    ...{ sampler, trials: count, workers, seconds, startSeconds: (start - began) / 1000 },
    ...{ trialsPerSecond: count / seconds, overheadMs: (end - start) / count, wrong: wrong.slice(0, 5) },
  };
}

const results: Result[] = [];
for (const sampler of flags.samplers.split(',')) {
  results.push(await measure(sampler, count, workers));
  results.push(await measure(sampler, Math.ceil(count / 10), 1));
}
const failed = results.filter(({ wrong, overheadMs }) => wrong.length > 0 || overheadMs > MOST_MS);
if (flags.json)
  console.log(
    JSON.stringify({ benchmark: 'sweep-overhead', machine: cpus()[0]?.model, cores: cpus().length, results }),
  );
else
  for (const {
    sampler,
    trials,
    workers,
    seconds,
    startSeconds,
    trialsPerSecond,
    overheadMs,
    wrong,
  } of results) {
    console.log(
      `${sampler}: ${trials} trials with ${workers} worker(s) in ${seconds.toFixed(1)} s (first trial after ${startSeconds.toFixed(1)} s): ` +
        `${trialsPerSecond.toFixed(0)} trials/s, ${overheadMs.toFixed(2)} ms each; ${wrong.length === 0 ? 'none lost, none doubled' : 'WRONG'}`,
    );
    wrong.forEach((one) => console.log(`FAILED ${one}`));
    if (overheadMs > MOST_MS) console.log(`FAILED more than ${MOST_MS} ms`);
  }
process.exitCode = failed.length > 0 ? 1 : 0;
