import { Command } from 'commander';
import { historyCommand, looksCommand, rollbackCommand, verifyCommand } from './history.ts';
import { promoteCommand } from './promote.ts';
import { diffCommand, lsVersionsCommand, registerCommand, removeVersionCommand } from './versions.ts';

/** `registry` with its verbs. */
export function registryCommand(): Command {
  return new Command('registry')
    .description('Models, their versions, and the aliases that move only through a gate.')
    .addCommand(registerCommand())
    .addCommand(promoteCommand())
    .addCommand(rollbackCommand())
    .addCommand(historyCommand())
    .addCommand(verifyCommand())
    .addCommand(looksCommand())
    .addCommand(diffCommand())
    .addCommand(lsVersionsCommand())
    .addCommand(removeVersionCommand());
}
