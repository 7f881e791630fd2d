import { Command } from 'commander';
import { lsCommand } from './ls.ts';
import { resumeCommand } from './resume.ts';
import { runSweepCommand } from './run.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';

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
