/**
 * A 3 x 3 x 2 grid of the seed CNN on the full data: two workers at once against one trial after another, and the winner
 * through the champion's gate.
 *
 *   npx tsx apps/cli/bench/sweep-grid.ts [--epochs=5] [--engine=onednn] [--ways=2x1,1x1,1x2] [--short] [--json] [--help]
 *
 * Runs the same trials in homes of their own: with 2 workers of 1 engine thread, then with 1 worker of 1 thread, and with 1
 * worker of 2 threads (all of a small machine, one trial at a time). Looks nothing recorded twice, then registers the
 * winner's run and promotes it with gates/champion.yaml. --ways: workers x threads, in turn. --short: a 2 x 2 grid of the small recipe, 1 epoch.
 */
import { ENTRY } from '../src/terminal/entry.ts';
import { openSweeps, openTracker } from '@atelier/tracker';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { runSweep } from './sweep/command.ts';
import { benchHome } from './sweep/home.ts';

const { values: flags } = parseArgs({
  options: {
    epochs: { type: 'string' },
    engine: { type: 'string', default: 'onednn' },
    ways: { type: 'string', default: '2x1,1x1,1x2' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(readFileSync(import.meta.filename, 'utf8').match(/\/\*\*[^]*?\*\//)![0]);
  process.exit(0);
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const epochs = flags.epochs ?? (flags.short ? '1' : '5');
const SPACE = flags.short
  ? ['optimizer.learningRate=0.001,0.003', 'model.dropout=0.1,0.3']
  : ['optimizer.learningRate=0.0003,0.001,0.003', 'model.dropout=0.2..0.5', 'batchSize=64,128'];
const CELLS = flags.short ? 4 : 18;

interface Result {
  readonly workers: number;
  readonly threads: number;
  readonly seconds: number;
  /** Trials' own time, added up. */
  readonly trialSeconds: number;
  readonly wrong: readonly string[];
  readonly best: { readonly number: number; readonly value: number; readonly testAccuracy: number };
  readonly promotion?: string;
}

/** What is recorded twice, or is missing. */
function faults(trials: readonly { runId?: number; state: string; key: string }[], runs: number): string[] {
  const found: string[] = [];
  const distinct = (values: readonly unknown[]): number => new Set(values).size;
  if (trials.length !== CELLS || distinct(trials.map(({ key }) => key)) !== CELLS)
    found.push(`expected ${CELLS} trials, each once, found ${trials.length}`);
  if (distinct(trials.map(({ runId }) => runId)) !== CELLS || runs !== CELLS)
    found.push(`expected ${CELLS} runs, one for each trial, found ${runs}`);
  if (trials.some(({ state }) => state !== 'COMPLETE')) found.push('not every trial is complete');
  return found;
}

async function atelier(home: string, ...args: string[]): Promise<string> {
  const command = [ENTRY, 'registry', ...args];
  const environment = { ...process.env, ATELIER_HOME: home };
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env: environment });
  return stdout.trim();
}

/** Registers the winner's run and moves the champion to it, if the gate lets it pass. */
async function promote(home: string, runId: number): Promise<string> {
  await atelier(home, 'register', 'fashion', `--run=${runId}`);
  return atelier(home, 'promote', 'fashion', '1', '--alias=champion', '--gate=gates/champion.yaml').catch(
    ({ stdout, message }: { stdout?: string; message: string }) => stdout ?? message,
  );
}

async function measure(workers: number, threads: number, winner: boolean): Promise<Result> {
  using bench = benchHome();
  const { home } = bench;
  const space = SPACE.flatMap((parameter) => ['--space', parameter]);
  const recipe = flags.short ? '--recipe=quick-cnn' : '--recipe=seed-cnn';
  const what = [recipe, `--epochs=${epochs}`, `--engine=${flags.engine}`, '--sampler=grid', ...space];
  const how = [`--workers=${workers}`, `--threads=${threads}`, '--name=grid', '--json', '--quiet'];
  const { seconds } = JSON.parse(await runSweep(home, [...what, ...how])) as { seconds: number };
  using tracker = openTracker({ home, readonly: true });
  const sweeps = openSweeps(tracker);
  const trials = sweeps.trials(sweeps.get('grid').id);
  const trialSeconds = trials.reduce(
    (sum, { startedAt, endedAt }) => sum + (endedAt! - startedAt!) / 1000,
    0,
  );
  const best = trials.reduce((a, b) => (b.values[0]! > a.values[0]! ? b : a));
  const testAccuracy = tracker.getRun(best.runId!).metrics['test/accuracy']!;
  return {
    ...{ workers, threads, seconds, trialSeconds },
    wrong: faults(trials, tracker.listRuns({ limit: 1000 }).length),
    best: { number: best.number, value: best.values[0]!, testAccuracy },
    ...(winner && { promotion: await promote(home, best.runId!) }),
  };
}

const results: Result[] = [];
for (const way of flags.ways.split(',')) {
  const [workers, threads] = way.split('x').map(Number) as [number, number];
  const result = await measure(workers, threads, results.length === 0);
  results.push(result);
  if (flags.json) continue;
  const { seconds, trialSeconds, best, wrong } = result;
  console.log(
    `${workers} worker(s) of ${threads} thread(s): ${seconds.toFixed(0)} s (trials' own time ${trialSeconds.toFixed(0)} s); ` +
      `best trial ${best.number}: validation ${(100 * best.value).toFixed(2)} %, test ${(100 * best.testAccuracy).toFixed(2)} %; ` +
      `${wrong.length === 0 ? 'nothing recorded twice' : `FAILED ${wrong.join('; ')}`}`,
  );
  if (result.promotion !== undefined) console.log(`\n${result.promotion}\n`);
}
if (flags.json)
  console.log(
    JSON.stringify({
      ...{ benchmark: 'sweep-grid', machine: cpus()[0]?.model, cores: cpus().length, trials: CELLS },
      ...{ epochs: Number(epochs), engine: flags.engine, results },
    }),
  );
else {
  const [parallel, ...others] = results;
  for (const { workers, threads, seconds } of others)
    console.log(
      `2 workers take ${(100 * (parallel!.seconds / seconds)).toFixed(0)} % of the time of ${workers} worker of ${threads} thread(s)`,
    );
}
process.exitCode = results.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
