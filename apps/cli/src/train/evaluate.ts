import { SplitError, type Splits } from '@atelier/data';
import { registryOf } from '@atelier/registry';
import { type PredictionInput, sha256Of, type Tracker } from '@atelier/tracker';
import { DEFAULT_DATASET, evaluateViews, type TrainConfig } from '@atelier/train';
import { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { integer } from '../data/options.ts';
import { typedCommand } from '../registry/open.ts';
import { openUserTracker } from '../runs/open.ts';
import { userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { checkFit, findModel, type FoundModel, openModel } from './found-model.ts';
import { splitReport, splitSummary } from './judgement.ts';
import { engineLines } from './report.ts';
import { loadSplits, openConfigEngine } from './run-setup.ts';
import { voiceOf } from './run.ts';

interface EvaluateFlags {
  readonly split: 'val' | 'test';
  readonly dataset?: string;
  readonly engine?: TrainConfig['engine']['name'];
  readonly threads?: number;
  readonly json?: boolean;
}

/** The run's own data, or another set, split alike where that can be. */
async function splitsOf({ config }: FoundModel, { dataset: typed }: EvaluateFlags): Promise<Splits> {
  const own = config?.data ?? { dataset: DEFAULT_DATASET, splitSeed: 1 };
  if (typed === undefined) return loadSplits(own);
  const dataset = typed.endsWith('.json') ? userPath(typed) : typed;
  try {
    return await loadSplits({ ...own, dataset });
  } catch (error) {
    if (!(error instanceof SplitError)) throw error;
    return loadSplits({ dataset, splitSeed: own.splitSeed });
  }
}

/** How answers differ from a ledger's, whose probabilities are rounded to float16. */
function ledgerDifference(tracker: Tracker, runId: number, now: PredictionInput): string {
  const there = tracker.predictions(runId, now);
  if (there === undefined || there.probabilities.length !== now.probabilities.length)
    return 'cannot be compared';
  let most = 0;
  there.probabilities.forEach((value, i) => (most = Math.max(most, Math.abs(value - now.probabilities[i]!))));
  return `no probability here is further than ${most.toPrecision(2)} from it`;
}

/** Writes the ledger where the run has none; what training wrote stays. Returns what was done, in words. */
function keepLedger(tracker: Tracker, { run }: FoundModel, ledger: PredictionInput): string {
  if (run === undefined) return 'not kept: the model is of no run';
  if (ledger.datasetDigest !== run.datasetDigest)
    return `not kept: this is not the data that run ${run.id} was trained on`;
  const { split, checkpoint, datasetDigest } = ledger;
  const isThere = run.ledgers.some(
    (one) => one.split === split && one.checkpoint === checkpoint && one.datasetDigest === datasetDigest,
  );
  if (isThere)
    return `the one of ${checkpoint} is there already and stays; ${ledgerDifference(tracker, run.id, ledger)}`;
  if (tracker.readonly) return 'not kept: the records cannot be written';
  tracker.addLedger(run.id, ledger);
  return `kept with run ${run.id} as that of ${checkpoint}`;
}

/** Counts a look at a test split. A model of no run is counted by its weights, as a negative number. */
function countLook(tracker: Tracker, { run, source }: FoundModel, datasetDigest: string): number {
  const sha256 = (): string => sha256Of(readFileSync(join(String(source), 'weights.bin')));
  const runA = run?.id ?? -parseInt(sha256().slice(0, 12), 16);
  const look = { datasetDigest, split: 'test', runA, runB: undefined, command: typedCommand() };
  return registryOf(tracker).countLook(look).uses;
}

async function evaluate(typed: string, flags: EvaluateFlags): Promise<void> {
  const voice = voiceOf(flags);
  using tracker = openUserTracker();
  const found = findModel(tracker, typed);
  const splits = await splitsOf(found, flags);
  const { descriptor, digest } = splits;
  const engine = await openConfigEngine({
    name: flags.engine ?? 'auto',
    precision: 'fp32',
    threads: flags.threads,
  });
  const model = await openModel(found);
  checkFit(found, model, descriptor);
  const split = splits[flags.split];
  voice.say(`model    ${found.title}\ndata     ${descriptor.title}: ${split.count} images of ${split.name}`);
  engineLines(engine).forEach((line) => voice.say(line));
  const views = found.config?.evaluation ?? null;
  const probabilities = await untilInterrupted((signal) => evaluateViews({ model }, split, views, signal));
  const classes = descriptor.classes.length;
  const summary = splitSummary(split, probabilities, classes);
  const epoch = found.run?.metrics['bestEpoch'];
  const checkpoint = epoch === undefined ? 'model' : `epoch-${epoch}`;
  const kept = keepLedger(tracker, found, {
    ...{ split: split.name, checkpoint, datasetDigest: digest, classes, probabilities },
  });
  const uses = split.name === 'test' ? countLook(tracker, found, digest) : undefined;
  voice.say(`\n${splitReport(split, descriptor.classes, probabilities)}\n\nledger   ${kept}`);
  if (uses !== undefined)
    voice.say(`uses     ${uses} different judgements by this test split so far (docs/evidence.md)`);
  const { name, version, threads } = engine;
  const answer = {
    ...{
      model: found.title,
      run: found.run?.id,
      dataset: { name: descriptor.name, digest },
      split: split.name,
    },
    ...{ engine: { name, version, threads }, summary, ledger: kept, uses },
  };
  if (flags.json === true) process.stdout.write(`${toPrintedJson(answer)}\n`);
}

/** `evaluate`: judges a saved model by a split. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description(
      'Judge the saved model of a run, or in a folder, by a split: report, confusion matrix and prediction ledger. Each use of a test split is counted.',
    )
    .argument('<model>', 'id or name of a run, model@alias, or a folder with model.json')
    .addOption(new Option('--split <name>', 'which images').choices(['val', 'test']).default('test'))
    .option('--dataset <name>', 'another data set than the one it was trained on, or a descriptor (.json)')
    .option('--engine <name>', 'auto, or one of those `npx atelier engine doctor` lists')
    .option('--threads <n>', 'threads of the engine', integer)
    .option('--json', 'print one JSON object on stdout; the report goes to stderr')
    .addHelpText(
      'after',
      '\nExamples:\n  npx atelier evaluate quick-cnn-40\n  npx atelier evaluate quick-cnn-40 --split=val --json',
    )
    .action(evaluate);
}
