import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { runCommand } from './run.ts';
import { sweepCommand } from './sweep.ts';

const program = new Command('train')
  .description('Train image classifiers and record what happened.')
  .addCommand(runCommand())
  .addCommand(sweepCommand());

void runProgram(program);
