import { Command } from 'commander';
import { lsCommand } from './sweep-ls.ts';
import { resumeCommand } from './sweep-resume.ts';
import { runSweepCommand } from './sweep-run.ts';
import { showCommand } from './sweep-show.ts';
import { statusCommand } from './sweep-status.ts';
import { stopCommand } from './sweep-stop.ts';

/** `sweep` with its verbs; without one it is `sweep run`. */
export function sweepCommand(): Command {
  return new Command('sweep')
    .description(
      'Search settings: many trainings of a recipe, or calls of a function, with the tracker as memory.',
    )
    .enablePositionalOptions()
    .addCommand(runSweepCommand(), { isDefault: true })
    .addCommand(resumeCommand())
    .addCommand(statusCommand())
    .addCommand(showCommand())
    .addCommand(stopCommand())
    .addCommand(lsCommand());
}
