import type { SeedSummary } from '@atelier/metrics';
import type { RunEnvironment } from '@atelier/tracker';
import { formatTable } from '../terminal/table.ts';

/** Seeds that a record's mean is over, at least. */
export const recordRuns = 10;

/** One training of a speedrun. */
export interface Finished {
  readonly run: number;
  readonly seed: number;
  /** Of the test split, in [0, 1]. */
  readonly accuracy: number;
  /** From the start of its process to its last step, validation left out. */
  readonly seconds: number;
  /** 10^12 floating-point operations of its training, by the layer table. */
  readonly tflop: number;
}

export interface Speedrun {
  readonly recipe: string;
  readonly target: number;
  readonly runs: readonly Finished[];
  readonly accuracy: SeedSummary;
  readonly environment: RunEnvironment;
}

/** Of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function verdict({ target, runs, accuracy: { mean } }: Speedrun): string {
  if (mean < target) return `below the target of ${target}: no record`;
  if (runs.length < recordRuns) return `at the target of ${target}; a record needs ${recordRuns} seeds`;
  return `at the target of ${target} over ${runs.length} seeds: a record where its time is the shortest`;
}

function machineLine({ machine, engine, git, node }: RunEnvironment): string {
  const commit =
    git === undefined ? 'no commit' : `commit ${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`;
  const { name, version, threads, precision } = engine;
  return `${machine.cpu}, ${machine.cores} cores; ${name} ${version}, ${threads} thread${threads === 1 ? '' : 's'}, ${precision}; Node ${node}; ${commit}`;
}

/** The table of runs, and what they come to. */
export function speedrunText(speedrun: Speedrun): string {
  const { recipe, runs, accuracy, environment } = speedrun;
  const rows = runs.map((one) => [
    ...[String(one.run), String(one.seed), one.accuracy.toFixed(4)],
    ...[one.seconds.toFixed(1), one.tflop.toFixed(2)],
  ]);
  const titles = ['run', 'seed', 'test/accuracy', 'seconds', 'TFLOP'];
  const seconds = runs.map((one) => one.seconds);
  const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
  const { low, high } = accuracy.interval;
  const interval =
    accuracy.seeds === 1 ? 'one seed' : `95 % interval ${low.toFixed(4)} to ${high.toFixed(4)}`;
  return [
    formatTable(
      titles.map((title) => ({ title, align: 'right' as const })),
      rows,
    ),
    '',
    `${recipe}: mean test accuracy ${accuracy.mean.toFixed(4)} (${interval}), ${verdict(speedrun)}`,
    `seconds  mean ${mean.toFixed(1)}, median ${median(seconds).toFixed(1)}: process start to last step, evaluation apart`,
    `training ${runs[0]!.tflop.toFixed(2)} TFLOP: three times the forward pass of every image`,
    machineLine(environment),
  ].join('\n');
}
