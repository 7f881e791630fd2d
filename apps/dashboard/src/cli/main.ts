import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { serveCommand } from './serve.ts';

void runProgram(
  new Command('dashboard')
    .description('The page where runs are read and compared.')
    .addCommand(serveCommand()),
);
