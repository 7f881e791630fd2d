import type { Run, Tracker } from '@atelier/tracker';
import { parseConfig, type TrainConfig } from '@atelier/train';
import { Command } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { atelierHome } from '../terminal/home.ts';
import { printable } from '../terminal/printable.ts';
import { formatNumber, toPrintedJson } from '../terminal/values.ts';
import {
  type CurveDifference,
  curveDifferences,
  type EnvironmentDifference,
  environmentDifferences,
  weightsOf,
} from './replay-difference.ts';
import { ReplayImpossible } from './replay-impossible.ts';
import { record, voiceOf } from './run.ts';
import { openRecords, openSetup } from './run-setup.ts';

interface ReplayFlags {
  readonly engine?: string;
  readonly threads?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What came of training again. */
interface Replay {
  readonly run: number;
  readonly replay: number;
  readonly identical: boolean;
  /** SHA-256 of the weights. */
  readonly weights: { readonly was: string | undefined; readonly is: string | undefined };
  readonly curves: readonly CurveDifference[];
  readonly environment: readonly EnvironmentDifference[];
}

/** The run to train again. @throws RunUnknownError, ReplayImpossible where it did not end by itself */
function originalOf(tracker: Tracker, typed: string): Run {
  const run = tracker.getRun(tracker.findRunId(typed));
  if (run.status !== 'FINISHED')
    throw new ReplayImpossible(
      `run ${run.id} (${run.name}) is ${run.status}: expected a FINISHED one, whose weights can be compared`,
    );
  if (weightsOf(run) === undefined)
    throw new ReplayImpossible(`run ${run.id} (${run.name}) has no model/weights.bin to compare with`);
  return run;
}

/** The engine of the record, unless another is asked for. @throws SettingInvalid */
function configOf(run: Run, { engine: asked, threads: askedThreads }: ReplayFlags): TrainConfig {
  const { name, threads, precision } = run.environment.engine;
  const config = parseConfig(run.config);
  const engine = {
    ...config.engine,
    ...{ name: asked ?? name, precision },
    threads: askedThreads === undefined ? threads : Number(askedThreads),
  };
  return { ...config, engine: parseConfig({ ...run.config, engine }).engine };
}

function compare(tracker: Tracker, run: Run, replayId: number): Replay {
  const replay = tracker.getRun(replayId);
  const weights = { was: weightsOf(run), is: weightsOf(replay) };
  const curves = curveDifferences(tracker.curves(run.id).curves, tracker.curves(replayId).curves);
  return {
    ...{ run: run.id, replay: replayId, weights, curves },
    identical: curves.length === 0 && weights.was === weights.is,
    environment: environmentDifferences(run.environment, replay.environment),
  };
}

function environmentText(environment: readonly EnvironmentDifference[]): string {
  if (environment.length === 0) return 'the recorded environments are the same';
  const rows = environment.map(({ name, was, is }) => [name, was, is]);
  return formatTable([{ title: 'environment' }, { title: 'was' }, { title: 'is' }], rows);
}

function textOf({ run, replay, identical, weights, curves, environment }: Replay): string {
  if (identical)
    return `identical: run ${replay} has every point of the curves and the weights of run ${run} (SHA-256 ${weights.is})`;
  const value = (number: number | undefined): string => (number === undefined ? 'nothing' : String(number));
  const [first] = curves;
  const where =
    first === undefined
      ? 'the weights differ, no point of a curve does'
      : `the first difference is at step ${first.step}, ${printable(first.key)}: was ${value(first.was)}, is ${value(first.is)}`;
  const columns = ['curve', 'first step', 'was', 'is', 'most apart'].map((title, i) => ({
    title,
    align: i === 0 ? ('left' as const) : ('right' as const),
  }));
  const rows = curves.map((one) => [
    ...[one.key, String(one.step), value(one.was), value(one.is), formatNumber(one.most)],
  ]);
  const sums = `weights  was ${weights.was}\n         is  ${weights.is}${weights.was === weights.is ? ' (the same)' : ''}`;
  const table = curves.length === 0 ? [] : [formatTable(columns, rows), ''];
  return [
    `run ${replay} is not run ${run}: ${where}`,
    '',
    ...table,
    sums,
    '',
    environmentText(environment),
  ].join('\n');
}

async function replay(typed: string, flags: ReplayFlags): Promise<void> {
  const voice = voiceOf(flags);
  using tracker = openRecords(atelierHome(), voice);
  const run = originalOf(tracker, typed);
  const config = configOf(run, flags);
  const setup = await openSetup(config, voice, ['batchSize']);
  try {
    const { digest } = setup.splits;
    if (digest !== run.datasetDigest)
      throw new ReplayImpossible(
        `the data set ${config.data.dataset} is not what run ${run.id} was trained on: its digest was ${run.datasetDigest}, is ${digest}`,
      );
    const told = {
      ...{ recipe: run.name.replace(/-\d+$/, ''), set: [], quiet: flags.quiet === true },
      ...{ tags: 'replay', notes: `replays run ${run.id} (${run.name})` },
      ...(run.group !== undefined && { group: run.group }),
    };
    let replayId = 0;
    const recorded = { ...setup, config: parseConfig(run.config) };
    const status = await record(tracker, recorded, told, voice, {
      onStart: ({ id }) => void (replayId = id),
    });
    if (status !== 'FINISHED') return;
    const result = compare(tracker, run, replayId);
    const text = flags.json === true ? toPrintedJson(result) : `\n${textOf(result)}`;
    process.stdout.write(`${text}\n`);
    process.exitCode = result.identical ? process.exitCode : 1;
  } finally {
    setup.classifier.dispose();
  }
}

/** `replay`: trains a run again from its record, and says whether the same bits came out. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Train a finished run again from its record (settings, seed, data, engine, threads, precision), as a run of its own, and say whether every bit is the same, or where it differs. Exit code 0 or 1.',
    )
    .argument('<run>', 'id or name')
    .option('--engine <name>', 'another engine than the one recorded')
    .option('--threads <n>', 'another number of threads than the one recorded')
    .option('--json', 'print the comparison as one JSON object on stdout; progress goes to stderr')
    .option('--quiet', 'print only warnings, errors and the comparison')
    .addHelpText(
      'after',
      '\nExamples:\n  npx atelier replay quick-cnn-40\n  npx atelier replay quick-cnn-40 --engine=cpu --json',
    )
    .action(replay);
}
