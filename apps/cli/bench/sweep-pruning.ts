/**
 * What early stopping of trials saves, and what it costs: one sweep without a pruner, with ASHA and with the median rule.
 *
 *   npx tsx apps/cli/bench/sweep-pruning.ts [--trials=60] [--epochs=9] [--workers=2] [--engine=onednn] [--seed=1]
 *     [--pruners=none,asha,median] [--machine=name] [--short] [--json] [--help]
 *
 * Each sweep tries the same random points (same seed) of the small recipe on the real images, in a home of its own, so that
 * nothing is taken over. Progress goes to stderr, a line for each trial; with --machine the result is appended to
 * benchmarks/results/<date>-<machine>.jsonl. Printed for each: wall time, epochs trained, trials pruned, and the validation and test accuracy
 * of the trial that is best by validation. --short tries 6 points for 3 epochs.
 */
import { appendResult } from '@atelier/benchmarks';
import { openSweeps, openTracker } from '@atelier/tracker';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runSweep } from './sweep/command.ts';
import { benchHome } from './sweep/home.ts';

const { values: flags } = parseArgs({
  options: {
    trials: { type: 'string' },
    epochs: { type: 'string' },
    workers: { type: 'string', default: '2' },
    engine: { type: 'string', default: 'onednn' },
    seed: { type: 'string', default: '1' },
    pruners: { type: 'string', default: 'none,asha,median' },
    machine: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(readFileSync(import.meta.filename, 'utf8').match(/\/\*\*[^]*?\*\//)![0]);
  process.exit(0);
}

const trials = Number(flags.trials ?? (flags.short ? 6 : 60));
const epochs = Number(flags.epochs ?? (flags.short ? 3 : 9));

/** Settings where the published ones would not act on so few epochs. */
const PRUNERS: Readonly<Record<string, string>> = {
  none: 'none',
  asha: '{kind: asha, minResource: 1, reductionFactor: 3}',
  median: flags.short ? '{kind: median, startupTrials: 2}' : 'median',
};

const SPACE = [
  'optimizer.learningRate=log:0.0001..0.03',
  'model.dropout=0.0..0.6',
  'batchSize=64,128,256',
  'labelSmoothing=0.0..0.2',
];

interface Result {
  readonly pruner: string;
  readonly seconds: number;
  readonly epochs: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  readonly bestTrial: number;
  readonly valAccuracy: number;
  readonly testAccuracy: number;
}

/** Prints the lines of trials that end, with how many have so far. */
function showTrials(pruner: string): (text: string) => void {
  let rest = '';
  let ended = 0;
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines)
      if (/^trial \d+ +(COMPLETE|PRUNED|FAILED)/.test(line))
        process.stderr.write(`${pruner} ${++ended}/${trials}  ${line}\n`);
      else if (/^(trial \d+ {2}|worker \d+ )/.test(line)) process.stderr.write(`${pruner}  ${line}\n`);
  };
}

async function measure(pruner: string): Promise<Result> {
  using bench = benchHome();
  const { home } = bench;
  const space = SPACE.flatMap((parameter) => ['--space', parameter]);
  const what = ['--recipe=quick-cnn', `--epochs=${epochs}`, `--engine=${flags.engine}`, ...space];
  const how = [
    `--trials=${trials}`,
    '--sampler=random',
    `--seed=${flags.seed}`,
    `--workers=${flags.workers}`,
  ];
  const rest = ['--threads=1', `--pruner=${PRUNERS[pruner] ?? pruner}`, '--name=pruning', '--json'];
  const { seconds } = JSON.parse(
    await runSweep(home, [...what, ...how, ...rest], {}, showTrials(pruner)),
  ) as { seconds: number };
  using tracker = openTracker({ home, readonly: true });
  const sweeps = openSweeps(tracker);
  const all = sweeps.trials(sweeps.get('pruning').id, { reports: true });
  const of = (state: string) => all.filter((trial) => trial.state === state);
  const best = of('COMPLETE').reduce((a, b) => (b.values[0]! > a.values[0]! ? b : a));
  return {
    ...{ pruner, seconds, epochs: all.reduce((sum, { reports }) => sum + reports.length, 0) },
    ...{ complete: of('COMPLETE').length, pruned: of('PRUNED').length, failed: of('FAILED').length },
    ...{ bestTrial: best.number, valAccuracy: best.values[0]! },
    testAccuracy: tracker.getRun(best.runId!).metrics['test/accuracy']!,
  };
}

const results: Result[] = [];
for (const pruner of flags.pruners.split(',')) {
  const result = await measure(pruner);
  results.push(result);
  if (flags.json) continue;
  const whole = results[0]!;
  const saved = ` (${(100 * (1 - result.seconds / whole.seconds)).toFixed(0)} % of the time of ${whole.pruner} saved)`;
  console.log(
    `${pruner}: ${result.seconds.toFixed(0)} s${result === whole ? '' : saved}, ${result.epochs} epochs; ` +
      `${result.complete} complete, ${result.pruned} pruned, ${result.failed} failed; ` +
      `best trial ${result.bestTrial}: validation ${(100 * result.valAccuracy).toFixed(2)} %, test ${(100 * result.testAccuracy).toFixed(2)} %`,
  );
}
const report = {
  benchmark: 'sweep-pruning',
  command: `npx tsx apps/cli/bench/sweep-pruning.ts ${process.argv.slice(2).join(' ')}`,
  ...{ machine: cpus()[0]?.model, cores: cpus().length, trials, epochs },
  ...{ engine: flags.engine, workers: Number(flags.workers), seed: Number(flags.seed), results },
};
if (flags.machine !== undefined) process.stderr.write(`${appendResult(flags.machine, report)}\n`);
if (flags.json) console.log(JSON.stringify(report));
