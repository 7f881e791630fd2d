import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { describeCommand } from './describe.ts';
import { fetchCommand } from './fetch.ts';
import { previewCommand } from './preview.ts';

void runProgram(
  new Command('data')
    .description('Datasets: get them, describe them, look at them.')
    .addCommand(fetchCommand())
    .addCommand(describeCommand())
    .addCommand(previewCommand()),
);
