import { namesNear } from '@atelier/base';
import type { Command } from 'commander';
import { carryOut, voiceOf } from './carry.ts';
import { dryRun } from './dry-run.ts';
import { type SweepFlags, sweepFrom, withExecutionOptions, withSweepOptions } from './flags.ts';
import { sweepVerb } from './verb.ts';

/** `sweep` alone is `sweep run`, so a verb with a slip arrives here as an argument. */
function refuseWords(command: Command): void {
  const [word] = command.args;
  if (word === undefined) return;
  const verbs = (command.parent?.commands ?? []).map((verb) => verb.name());
  const [near] = namesNear(word, verbs, 1);
  const advice = near === undefined ? `expected one of ${verbs.join(', ')}` : `(Did you mean ${near}?)`;
  command.error(`error: unknown command '${word}'\n${advice}`);
}

async function run(flags: SweepFlags, command: Command): Promise<void> {
  refuseWords(command);
  const { spec, notes } = sweepFrom(flags);
  const voice = voiceOf(flags);
  notes.forEach((note) => voice.say(note));
  if (flags.dryRun === true) await dryRun(spec, flags);
  else await carryOut(spec, flags);
}

/** `sweep run`: makes a sweep and carries it out; an equal one goes on where it stopped. */
export function runSweepCommand(): Command {
  const command = sweepVerb(
    'run',
    'Make a sweep and carry it out; the same command again goes on where it stopped.',
    [
      '--recipe=seed-cnn --sampler=grid --space optimizer.learningRate=0.0003,0.001,0.003 --space model.dropout=0.2..0.5',
      '--space optimizer.learningRate=log:1e-4..1e-2 --sampler=tpe --trials=40 --pruner=asha --workers=2 --threads=1',
      '--file=sweep.yaml --name=wide --dry-run',
      '--objective=./mine.ts --space x=-5..10 --space y=0..15 --sampler=tpe --trials=100 --objectives=loss:minimize',
    ],
  );
  withSweepOptions(command.option('--name <name>', 'of the sweep (default: made from what it is)'));
  return withExecutionOptions(command.allowExcessArguments())
    .option('--dry-run', 'print the trials and an estimate of their time; nothing is made')
    .action(run);
}
