import { dropCheckpoints } from '@atelier/train';
import { Command } from 'commander';
import { atelierHome } from '../terminal/home.ts';
import { carryCurves, checkData, originOf } from './going-on.ts';
import { record, voiceOf } from './run.ts';
import { openRecords, openSetup } from './run-setup.ts';

interface ResumeFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Goes on on the engine and threads of before: on others the bits would be others. */
async function resume(typed: string, flags: ResumeFlags): Promise<void> {
  const voice = voiceOf(flags);
  const home = atelierHome();
  using tracker = openRecords(home, voice);
  const origin = originOf(tracker, typed);
  const { run, config, checkpoint } = origin;
  const { name, threads } = run.environment.engine;
  const engine = { ...config.engine, name: name as typeof config.engine.name, threads };
  const setup = await openSetup({ ...config, engine }, voice, ['batchSize']);
  try {
    checkData(origin, setup.splits.digest);
    const { state } = checkpoint;
    voice.say(`goes on from run ${run.id} (${run.name}) after step ${state.progress.step}`);
    const tags = [...new Set([...run.tags, 'resumed'])].join(',');
    const told = {
      ...{ recipe: run.name.replace(/-\d+$/, ''), set: [], tags, ...flags },
      notes: `goes on from run ${run.id} (${run.name}) after step ${state.progress.step}`,
      ...(run.group !== undefined && { group: run.group }),
    };
    const begin = {
      from: state,
      onStart: (writer: Parameters<typeof carryCurves>[3]) => carryCurves(tracker, origin, state, writer),
    };
    const status = await record(tracker, { ...setup, config }, told, voice, begin);
    if (status === 'FINISHED') dropCheckpoints(home, run.id);
  } finally {
    setup.classifier.dispose();
  }
}

/** `train resume`: goes on with a run that was stopped. */
export function resumeCommandLine(): Command {
  return new Command('resume')
    .description(
      'Go on with a run that was stopped or killed, from its last checkpoint, to exactly the weights it would have had. It is recorded as a new run with the curves so far.',
    )
    .argument('<run>', 'id or name')
    .option('--json', 'print the outcome as one JSON object on stdout; progress goes to stderr')
    .option('--quiet', 'print only warnings, errors and what --json asks for')
    .addHelpText('after', '\nExamples:\n  npx atelier resume 12\n  npx atelier resume seed-cnn-12 --json')
    .action(resume);
}
