import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { resumeCommandLine } from './resume.ts';
import { runCommand } from './run.ts';
import { sweepCommand } from './sweep.ts';

const program = new Command('train')
  .description('Train image classifiers and record what happened.')
  .addCommand(runCommand())
  .addCommand(resumeCommandLine())
  .addCommand(sweepCommand());

void runProgram(program);
