import type { RunWriter, Tracker } from '@atelier/tracker';
import { Command } from 'commander';
import { DEFAULT_RECIPE, type TrainingState } from '@atelier/train';
import { type Interrupts, watchInterrupts } from '../terminal/interrupt.ts';
import { resumeCommand } from './going-on.ts';
import { Recorder } from './recorder.ts';
import { LiveReport } from './report.ts';
import { chosenPaths, configFrom, type RunFlags } from './run-flags.ts';
import { openRecords, openSetup, type RunSetup, startRun, type Voice } from './run-setup.ts';
import { conduct, type Outcome, type Watcher } from './training.ts';
import { TrainingClock } from './training-clock.ts';

const EXAMPLES = `
Examples:
  npx atelier run --recipe=fashion-cnn --epochs=5 --seed=1
  npx atelier run --set optimizer.learningRate=0.002 --set model.filters='[16, 32]' --set model.blockDropout='[0, 0]'
  npx atelier run --recipe=./mine.yaml --engine=wasm --threads=2 --name=first-try --json`;

export function voiceOf(flags: Pick<RunFlags, 'json' | 'quiet'>): Voice {
  const out = flags.json === true ? process.stderr : process.stdout;
  return {
    say: (line) => void (flags.quiet === true || out.write(`${line}\n`)),
    warn: (line) => void process.stderr.write(`warning: ${line}\n`),
  };
}

/** Ends the run in the tracker as it ended here. */
function close(recorder: Recorder, outcome: Outcome, interrupt: Interrupts): boolean {
  return recorder.attempt('the end of the run', () => {
    if (outcome.status === 'FINISHED') recorder.run.finish();
    else recorder.run.kill(`${interrupt.received ?? 'an abort'} received`);
  });
}

/** Where a training begins, if not at the beginning. */
export interface Beginning {
  readonly from?: TrainingState;
  readonly onStart?: (run: RunWriter) => void;
}

/** Trains and records a setup. Returns how it ended; sets the exit code. */
export async function record(
  tracker: Tracker,
  setup: RunSetup,
  flags: RunFlags,
  voice: Voice,
  { from, onStart }: Beginning = {},
): Promise<Outcome['status']> {
  const run = startRun(tracker, setup, flags);
  onStart?.(run);
  const report = new LiveReport(voice.say, flags.quiet === true);
  const clock = new TrainingClock();
  const watcher: Watcher = {
    show(event) {
      clock.see(event);
      report.show(event);
    },
  };
  const recorder = new Recorder(run, setup, voice.warn);
  const abort = new AbortController();
  using interrupt = watchInterrupts(() => {
    abort.abort();
    report.stop();
    voice.warn('stopping; everything so far is kept (again to exit at once)');
  });
  voice.say(`run      ${run.id} (${run.name})`);
  try {
    const outcome = await conduct(setup, recorder, watcher, voice, abort.signal, { from });
    const closed = close(recorder, outcome, interrupt);
    voice.say(`\nrun ${run.id} (${run.name}) ${outcome.status}, kept in ${setup.home}`);
    if (outcome.status === 'KILLED') voice.say(`go on with: ${resumeCommand(run.id)}`);
    const fromStartSeconds = clock.seconds;
    const answer = { run: run.id, name: run.name, ...outcome, fromStartSeconds, home: setup.home };
    if (flags.json === true) process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    process.exitCode = closed ? interrupt.exitCode : 1;
    return outcome.status;
  } catch (error) {
    report.stop();
    recorder.failure(error);
    voice.say(`\nrun ${run.id} (${run.name}) FAILED, kept in ${setup.home}`);
    throw error;
  }
}

async function runTraining(flags: RunFlags): Promise<void> {
  const config = configFrom(flags);
  const voice = voiceOf(flags);
  const setup = await openSetup(config, voice, chosenPaths(flags));
  try {
    using tracker = openRecords(setup.home, voice);
    await record(tracker, setup, flags, voice);
  } finally {
    setup.classifier.dispose();
  }
}

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

/** `train run`: trains a recipe, records the run, and reports on the test split. */
export function runCommand(): Command {
  return new Command('run')
    .description('Train a recipe, record the run, and report on the test split.')
    .option('--recipe <name>', 'a checked-in recipe, or the path of a .yaml file', DEFAULT_RECIPE)
    .option('--set <path=value>', 'override any setting; may be repeated', collect, [])
    .option('--epochs <n>', 'passes over the training split')
    .option('--seed <n>', 'of weights, shuffling and dropout')
    .option('--batch-size <n>', 'images a step')
    .option('--engine <name>', 'auto, or one of those `npx atelier engine doctor` lists')
    .option('--threads <n>', 'threads of the engine')
    .option('--precision <name>', 'fp32, or bf16 where the engine has it')
    .option('--dataset <name>', 'a built-in data set, or the path of a descriptor .json')
    .option(
      '--validation <n>',
      'images carved out of the training split, or a share below 1 (default: a fifth, 5000 at most)',
    )
    .option('--name <name>', 'of the run')
    .option('--project <name>', 'that the run belongs to')
    .option('--group <name>', 'of runs that belong together')
    .option('--tags <a,b>', 'labels, separated by commas')
    .option('--notes <text>', 'anything worth keeping')
    .option('--json', 'print the outcome as one JSON object on stdout; progress goes to stderr')
    .option('--quiet', 'print only warnings, errors and what --json asks for')
    .addHelpText('after', EXAMPLES)
    .action(runTraining);
}
