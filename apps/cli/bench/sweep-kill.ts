/**
 * kill -9 of a sweep and of its workers, again and again: is every trial there once in the end, and was finished work
 * left alone?
 *
 *   npx tsx apps/cli/bench/sweep-kill.ts [--kills=20] [--seed=1] [--short] [--json] [--help]
 *
 * Searches a function that takes a while over a grid, with three workers. Kills the sweep, a random worker, or the sweep
 * and all of its workers at random moments, then goes on with the same command, until all kills are done and the sweep
 * has finished. Then: the trials are exactly the grid's, each once and COMPLETE; no trial that was COMPLETE at a kill
 * was begun after it; no worker outlived its scheduler by more than 10 s. --short kills three times in a small grid.
 * Needs /proc (Linux).
 */
import { randomStream } from '@atelier/data';
import { openSweeps, openTracker, type SweepTrial } from '@atelier/tracker';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isRunning, startSweep, type SweepProcess, workersOf } from './sweep/command.ts';
import { benchHome } from './sweep/home.ts';

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(readFileSync(import.meta.filename, 'utf8').match(/\/\*\*[^]*?\*\//)![0]);
  process.exit(0);
}

const kills = Number(flags.kills ?? (flags.short ? 3 : 20));
const [rows, columns] = flags.short ? [6, 4] : [20, 10];
const NAME = 'killed';
const OBJECTIVE = fileURLToPath(new URL('./sweep/timed-objective.ts', import.meta.url));
const LATEST_ORPHAN_MS = 10_000;

const random = randomStream(Number(flags.seed), 'kill');
using bench = benchHome();
const { home } = bench;
const log = join(home, 'began.log');
const wrong: string[] = [];

const started = (): number[] =>
  existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').filter(Boolean).map(Number) : [];

function trials(): readonly SweepTrial[] {
  if (!existsSync(join(home, 'atelier.db'))) return [];
  using tracker = openTracker({ home, readonly: true });
  const sweeps = openSweeps(tracker);
  return sweeps.list().length === 0 ? [] : sweeps.trials(sweeps.get(NAME).id);
}

const complete = (): Set<number> =>
  new Set(trials().flatMap(({ state, number }) => (state === 'COMPLETE' ? [number] : [])));

function go(): SweepProcess {
  const space = ['--space', `a=1..${rows}:1`, '--space', `b=1..${columns}:1`];
  const how = ['--sampler=grid', '--workers=3', '--retries=100', '--lease=2', `--name=${NAME}`];
  return startSweep(home, [`--objective=${OBJECTIVE}`, ...space, ...how], {
    SWEEP_LOG: log,
    SWEEP_STEP_MS: flags.short ? '60' : '100',
  });
}

interface Kill {
  readonly what: 'sweep' | 'worker' | 'everything';
  readonly complete: number;
  /** How long the last worker lived after its scheduler. */
  readonly orphanMs?: number;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it had just ended
  }
}

/** Milliseconds until none of them runs any more. */
async function whenGone(pids: readonly number[]): Promise<number> {
  const since = performance.now();
  while (pids.some(isRunning) && performance.now() - since < LATEST_ORPHAN_MS * 2) await wait(20);
  return Math.round(performance.now() - since);
}

async function strike(sweep: SweepProcess, what: Kill['what']): Promise<Kill> {
  const pid = sweep.child.pid!;
  const workers = workersOf(pid);
  if (what === 'worker') {
    if (workers.length > 0) kill(workers[random.below(workers.length)]!);
    return { what, complete: complete().size };
  }
  kill(pid);
  if (what === 'everything') workers.forEach(kill);
  await sweep.ended;
  const orphanMs = await whenGone(workers);
  if (orphanMs > LATEST_ORPHAN_MS) wrong.push(`a worker lived ${orphanMs} ms after its sweep`);
  return { what, complete: complete().size, orphanMs };
}

const done: Kill[] = [];
const since = performance.now();
let sweep = go();
let running = true;
void sweep.ended.then(() => (running = false));

/** Goes on after the sweep was killed, and remembers what nobody may begin again. */
function again(): void {
  sweep = go();
  running = true;
  void sweep.ended.then(() => (running = false));
}

let begunBefore = 0;
const forbidden: { from: number; finished: ReadonlySet<number> }[] = [];
while (done.length < kills) {
  // one in four strikes while everything starts, the others when trials run
  if (random.below(4) > 0) while (running && started().length === begunBefore) await wait(10);
  await wait(random.below(flags.short ? 400 : 1500));
  if (!running) {
    const { code, stderr } = await sweep.ended;
    wrong.push(`the sweep ended with ${code} before all kills were done: ${stderr.slice(-500)}`);
    break;
  }
  const what = (['sweep', 'worker', 'everything'] as const)[done.length % 3]!;
  done.push(await strike(sweep, what));
  forbidden.push({ from: started().length, finished: complete() });
  begunBefore = started().length;
  if (!flags.json) console.log(`kill ${done.length}: ${JSON.stringify(done.at(-1))}`);
  if (what !== 'worker') again();
}
const last = await sweep.ended;
if (last.code !== 0) wrong.push(`the last sitting ended with ${last.code}: ${last.stderr.slice(-500)}`);
const seconds = (performance.now() - since) / 1000;

const found = trials();
const cells = new Set(found.map(({ parameters }) => `${String(parameters['a'])}/${String(parameters['b'])}`));
if (found.length !== rows * columns || cells.size !== rows * columns)
  wrong.push(
    `expected ${rows * columns} trials, each cell once; found ${found.length} of ${cells.size} cells`,
  );
for (const { number, state, values, parameters } of found) {
  const value = Number(parameters['a']) + Number(parameters['b']);
  if (state !== 'COMPLETE' || values[0] !== value)
    wrong.push(`trial ${number} is ${state} with ${values.join()}`);
}
const began = started();
for (const { from, finished } of forbidden)
  for (const number of began.slice(from))
    if (finished.has(number)) wrong.push(`trial ${number} was COMPLETE and was begun again`);

const report = {
  benchmark: 'sweep-kill',
  ...{ kills: done.length, trials: found.length, begun: began.length, seconds: Math.round(seconds) },
  longestOrphanMs: Math.max(0, ...done.map(({ orphanMs }) => orphanMs ?? 0)),
  wrong,
};
if (flags.json) console.log(JSON.stringify(report));
else {
  console.log(
    `${report.kills} kills, ${found.length} trials complete, each once; ${began.length} were begun ` +
      `(${began.length - found.length} cut off by a kill), ${report.seconds} s; ` +
      `the last worker lived ${report.longestOrphanMs} ms after its sweep at most`,
  );
  wrong.forEach((one) => console.log(`FAILED ${one}`));
}
process.exitCode = wrong.length > 0 ? 1 : 0;
