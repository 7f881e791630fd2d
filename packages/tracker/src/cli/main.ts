import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { lsCommand } from './ls.ts';
import { showCommand } from './show.ts';

const program = new Command('tracker')
  .description('Look at recorded runs.')
  .addCommand(exportCommand())
  .addCommand(importCommand())
  .addCommand(lsCommand())
  .addCommand(showCommand());

await runProgram(program);
