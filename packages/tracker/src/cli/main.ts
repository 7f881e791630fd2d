import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { compareCommand } from './compare.ts';
import { registryCommand } from './registry.ts';
import { lsCommand } from './ls.ts';
import { showCommand } from './show.ts';

const program = new Command('tracker')
  .description('Look at recorded runs.')
  .addCommand(lsCommand())
  .addCommand(showCommand())
  .addCommand(compareCommand())
  .addCommand(registryCommand());

await runProgram(program);
